using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>What a step wants written: records for any partitions, in the order in which they were appended; reused.</summary>
public sealed class OutputBatch : RecordArena
{
    private readonly List<TopicPartition> _targets = [];

    public TopicPartition Target(int index) => _targets[index];

    public void Append(
        TopicPartition target, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value)
    {
        Add(0, time, key, headers, value);
        _targets.Add(target);
    }

    public override void Clear()
    {
        base.Clear();
        _targets.Clear();
    }
}
