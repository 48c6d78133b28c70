using StreamAllocator.Kafka.Native;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>
/// A record that says nothing: with an empty key, no value and the header <c>filler</c>. A transaction that must end in a partition without anything to
/// write there writes one; consumers of this log pass it over as a gap.
/// </summary>
internal static unsafe class Filler
{
    private static readonly byte[] Headers = RecordHeaders.Encode(("filler", []));

    public static nint NativeHeaders() => HeaderBytes.ToNative(Headers);

    public static bool Is(Message* message) =>
        message->PayloadLength == 0 && message->KeyLength == 0 && HeaderBytes.Of(message).SequenceEqual(Headers);
}
