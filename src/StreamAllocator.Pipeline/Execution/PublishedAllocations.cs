using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>Reads back what the executor of a pool partition has published.</summary>
internal sealed class PublishedAllocations(IEventLog log, ExecuteOptions options)
{
    /// <summary>Those that were observed then or later, each VM's in order; unknown is from the beginning.</summary>
    /// <exception cref="LogException">The log cannot be read.</exception>
    public IReadOnlyList<Allocation> Since(EventTime time)
    {
        var found = new List<Allocation>();
        for (var partition = 0; partition < options.AllocationPartitions; partition++)
        {
            var source = new TopicPartition(options.Topics.Allocations, partition);
            var from = time == EventTime.Unknown ? log.BeginOffset(source) : log.OffsetAt(source, time);
            CommittedRecords.Read(log, source, from, (in record) =>
            {
                var allocation = AllocationCodec.Read(new ProtoReader(record.Value));
                if (StableHash.Partition(allocation.PoolId, options.PoolPartitions) == options.Partition)
                    found.Add(allocation);
                return true;
            });
        }

        return found;
    }
}
