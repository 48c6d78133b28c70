using System.Security.Cryptography;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Chaos.Tests.Evidence;

/// <summary>A record as a plain reader saw it. Its offset says where to cut, and is never compared.</summary>
/// <param name="Headers">Encoded as <see cref="RecordHeaders"/> says.</param>
internal sealed record TopicRecord(long Offset, long TimeMs, string Key, byte[] Headers, byte[] Value)
{
    private string? _content;

    /// <summary>Equal for records that are the same byte for byte, wherever they stand.</summary>
    public string Content => _content ??= $"{TimeMs}/{Key}/{Convert.ToHexString(SHA256.HashData([.. Headers, 0, .. Value]))}";

    public bool IsTick => Headers.AsSpan().SequenceEqual(SchemaHeaders.Tick);

    public TopicRecord With(byte[] value) => this with { Value = value, _content = null };
}
