using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Shards;

/// <summary>
/// Whether groups have folded and committed all that their input topics hold. An end that is a gap counts as reached. Belongs to one thread.
/// </summary>
public sealed class FoldedCheck : IDisposable
{
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(20);

    private readonly IEventLog _log;
    private readonly List<(string Group, TopicPartition Partition)> _inputs;
    private readonly RecordBatch _batch = new();
    private ILogConsumer? _reader;

    public FoldedCheck(IEventLog log, IEnumerable<(string Group, string Topic)> inputs)
    {
        _log = log;
        var topics = log.Topics();
        _inputs = [.. inputs.SelectMany(input => topics
            .Where(topic => topic.Name == input.Topic)
            .SelectMany(topic => topic.AllPartitions.Select(partition => (input.Group, partition))))];
    }

    /// <summary>Where no end moved while every group was seen to be at it, all of them were there at once.</summary>
    public bool IsFolded()
    {
        var ends = _inputs.ConvertAll(input => _log.EndOffset(input.Partition));
        return _inputs.Zip(ends).All(input => IsFolded(input.First.Group, input.First.Partition, input.Second))
            && _inputs.Zip(ends).All(input => _log.EndOffset(input.First.Partition) == input.Second);
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _batch.Dispose();
    }

    private bool IsFolded(string group, TopicPartition partition, long end)
    {
        var next = _log.Committed(group, partition) ?? _log.BeginOffset(partition);
        return next >= end || !HasRecords(partition, next, end);
    }

    private bool HasRecords(TopicPartition partition, long from, long end)
    {
        if (_reader is null)
        {
            _reader = _log.Read([.. _inputs.Select(input => input.Partition).Distinct()]);
            foreach (var other in _reader.Assignment)
                _reader.Pause(other);
        }

        _reader.Resume(partition);
        _reader.Seek(partition, from);
        while (_reader.Poll(_batch, 1, PollWait) != PollOutcome.Records && _reader.Position(partition) < end)
        {
        }

        _reader.Pause(partition);
        return _batch.Count > 0 && _batch[0].Offset < end;
    }
}
