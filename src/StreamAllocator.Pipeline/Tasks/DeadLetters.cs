using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>
/// Appends what could not be used to <c>late</c> (cause late) or <c>dead-letter</c> (every other), with its raw bytes, key, headers and
/// coordinates, among the outputs of the same step and so in the same transaction. Belongs to one thread.
/// </summary>
public sealed class DeadLetters(Topics topics)
{
    private readonly TopicPartition _late = new(topics.Late, 0);
    private readonly TopicPartition _deadLetter = new(topics.DeadLetter, 0);
    private readonly ProtoWriter _writer = new();

    /// <param name="detail">What was found, where, what was expected.</param>
    /// <param name="source">Partition that the record stands in.</param>
    public void Append(OutputBatch outputs, DeadLetterCause cause, string detail, TopicPartition source, in LogRecord record)
    {
        _writer.Clear();
        DeadLetterCodec.WriteFields(_writer, cause, detail, source, record);
        var target = cause == DeadLetterCause.Late ? _late : _deadLetter;
        outputs.Append(target, record.Time, record.Key, SchemaHeaders.DeadLetter, _writer.Written);
    }
}
