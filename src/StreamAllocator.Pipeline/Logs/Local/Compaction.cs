using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>
/// Which records of a partition a compaction keeps: the newest of each key. A removal (empty value) stays until the compaction after the one
/// that saw it first, so that a reader who is not further behind than that learns of it.
/// </summary>
/// <param name="seenBefore">Removals below this offset have been through a compaction.</param>
public sealed class Compaction(long seenBefore)
{
    private readonly Dictionary<Key, long> _newest = [];

    public void Observe(Segment segment)
    {
        var at = 0;
        while (segment.TryRead(ref at, out var record))
            Observe(record);
    }

    public void Observe(in LogRecord record) => _newest[new Key(record.Key.ToArray())] = record.Offset;

    public bool Keeps(in LogRecord record) =>
        _newest[new Key(record.Key.ToArray())] == record.Offset && !(record.Value.IsEmpty && record.Offset < seenBefore);

    private readonly struct Key(byte[] bytes) : IEquatable<Key>
    {
        private readonly byte[] _bytes = bytes;

        public bool Equals(Key other) => _bytes.AsSpan().SequenceEqual(other._bytes);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => (int)StableHash.Of(_bytes);
    }
}
