using System.Buffers.Binary;
using System.Security.Cryptography;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline;

/// <summary>
/// One SHA-256 for a topic, the same however its keys are spread and interleaved: for each key the hash of its (event time, value) in
/// their order, then the hash of (key, that hash) over the keys in order of their bytes. Offsets and headers do not count, nor do
/// records without a key (ticks).
/// </summary>
public sealed class TopicDigest : IDisposable
{
    private readonly StringPool _keys = new();
    private readonly SortedDictionary<string, IncrementalHash> _byKey = new(StringComparer.Ordinal);

    public long Records { get; private set; }

    public void Add(in LogRecord record)
    {
        if (record.Key.IsEmpty)
            return;
        var key = _keys.Get(record.Key);
        if (!_byKey.TryGetValue(key, out var hash))
        {
            hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _byKey.Add(key, hash);
        }

        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, record.Time.UnixMilliseconds);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], record.Value.Length);
        hash.AppendData(head);
        hash.AppendData(record.Value);
        Records++;
    }

    /// <summary>The digest of all that was added, as 64 hexadecimal digits.</summary>
    public string Result()
    {
        using var total = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var (key, hash) in _byKey)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(key);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            total.AppendData(length);
            total.AppendData(bytes);
            total.AppendData(hash.GetCurrentHash());
        }

        return Convert.ToHexStringLower(total.GetCurrentHash());
    }

    public void Dispose()
    {
        foreach (var hash in _byKey.Values)
            hash.Dispose();
    }
}
