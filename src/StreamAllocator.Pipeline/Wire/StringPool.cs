using System.Text;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>One string object per distinct UTF-8 text, found without decoding it again; texts are never removed.</summary>
public sealed class StringPool
{
    private readonly Utf8Index _index = new();
    private readonly List<string> _texts = [];

    /// <summary>Texts held.</summary>
    public int Count => _texts.Count;

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var number = _index.FindOrAdd(utf8);
        if (number == _texts.Count)
            _texts.Add(Encoding.UTF8.GetString(utf8));
        return _texts[number];
    }
}
