using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>DeadLetter</c>: the raw record, where it stood, and what was wrong with it.</summary>
public static class DeadLetterCodec
{
    public static readonly string SoftwareVersion = typeof(DeadLetterCodec).Assembly.GetName().Version?.ToString(3) ?? "";

    public static void WriteFields(
        ProtoWriter writer, DeadLetterCause cause, string detail, TopicPartition source, in LogRecord record)
    {
        writer.Int64(1, (int)cause);
        writer.Text(2, detail);
        writer.Text(3, source.Topic);
        writer.Int64(4, source.Partition);
        writer.Int64(5, record.Offset);
        writer.Int64(6, record.Time.UnixMilliseconds);
        writer.Text(7, SoftwareVersion);
        writer.Bytes(8, record.Key);
        writer.Bytes(9, record.Value);
        var headers = record.Headers;
        while (RecordHeaders.TryTake(ref headers, out var name, out var value))
        {
            var mark = writer.Begin(10);
            writer.PresentBytes(1, name);
            writer.Bytes(2, value);
            writer.End(mark);
        }
    }
}
