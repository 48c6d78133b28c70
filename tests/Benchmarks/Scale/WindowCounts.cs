using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>Counts the records of one window as they are committed.</summary>
internal sealed class WindowCounts(IEventLog log, Topics topics, int partitions, EventTime end)
{
    private readonly Counter _features = new(log, topics.Features, partitions, end);
    private readonly Counter _decisions = new(log, topics.Decisions, partitions, end);

    /// <summary>Committed since this was made.</summary>
    public long Features() => _features.Count();

    /// <summary>Committed since this was made; also of the rounds before the window's end.</summary>
    public long Decisions() => _decisions.Count();

    private sealed class Counter(IEventLog log, string topic, int partitions, EventTime end)
    {
        private readonly long[] _next = [.. Enumerable.Range(0, partitions).Select(partition => log.EndOffset(new TopicPartition(topic, partition)))];
        private long _count;

        public long Count()
        {
            for (var partition = 0; partition < partitions; partition++)
            {
                var source = new TopicPartition(topic, partition);
                var upTo = log.EndOffset(source);
                if (upTo == _next[partition])
                    continue;
                CommittedRecords.Read(log, source, _next[partition], (in record) =>
                {
                    _count += record.Time >= end ? 1 : 0;
                    return true;
                });
                _next[partition] = upTo;
            }

            return _count;
        }
    }
}
