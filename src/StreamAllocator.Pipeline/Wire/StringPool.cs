using System.Text;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>One string object per distinct UTF-8 text, found without decoding it again. Open addressing; texts are never removed.</summary>
public sealed class StringPool
{
    private Entry[] _entries = new Entry[64];
    private int _count;

    /// <summary>Texts held.</summary>
    public int Count => _count;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var hash = StableHash.Of(utf8);
        var mask = _entries.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            ref var entry = ref _entries[at];
            if (entry.Text is null)
                return Add(utf8, hash);
            if (entry.Hash == hash && utf8.SequenceEqual(entry.Utf8))
                return entry.Text;
        }
    }

    private string Add(ReadOnlySpan<byte> utf8, ulong hash)
    {
        if (++_count * 2 > _entries.Length)
            Grow();
        var text = Encoding.UTF8.GetString(utf8);
        Place(new Entry(hash, utf8.ToArray(), text));
        return text;
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        foreach (var entry in old)
        {
            if (entry.Text is not null)
                Place(entry);
        }
    }

    private void Place(Entry entry)
    {
        var mask = _entries.Length - 1;
        var at = (int)entry.Hash & mask;
        while (_entries[at].Text is not null)
            at = (at + 1) & mask;
        _entries[at] = entry;
    }

    private readonly record struct Entry(ulong Hash, byte[] Utf8, string? Text);
}
