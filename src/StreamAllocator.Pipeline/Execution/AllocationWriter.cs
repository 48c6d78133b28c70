using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>
/// Publishes allocations: each to <c>allocations</c> and to the VM's partition of <c>vm-inputs</c>, and all of a round packed in one record of
/// <c>pool-inputs</c> that the tick ends. Belongs to one thread; empty between two steps.
/// </summary>
internal sealed class AllocationWriter(ExecuteOptions options)
{
    /// <summary>A log takes records of up to a mebibyte by default; what is above a quarter of it goes into a record of its own.</summary>
    private const int LargestPack = 256 * 1024;

    private readonly TopicPartition _poolInputs = new(options.Topics.PoolInputs, options.Partition);
    private readonly ProtoWriter _single = new();
    private readonly ProtoWriter _packed = new();

    public void Add(Allocation allocation, OutputBatch outputs)
    {
        Span<byte> keyBytes = stackalloc byte[Identifier.MaxLength * 4];
        var key = keyBytes[..Encoding.UTF8.GetBytes(allocation.VmId, keyBytes)];
        var hash = StableHash.Of(key);
        var published = new TopicPartition(options.Topics.Allocations, (int)(hash % (uint)options.AllocationPartitions));
        _single.Clear();
        AllocationCodec.WriteFields(_single, allocation);
        outputs.Append(published, allocation.ObservedAt, key, SchemaHeaders.Allocation, _single.Written);
        var routed = new TopicPartition(options.Topics.VmInputs, (int)(hash % (uint)options.VmPartitions));
        _single.Clear();
        AllocationCodec.Write(_single, 5, allocation);
        outputs.Append(routed, allocation.ObservedAt, key, SchemaHeaders.VmInputs, _single.Written);
        if (_packed.Written.Length > LargestPack)
            Flush(allocation.ObservedAt, outputs);
        AllocationCodec.Write(_packed, 9, allocation);
    }

    /// <summary>Ends the round: what was added goes out, and after it nothing from before <paramref name="time"/>.</summary>
    public void Tick(EventTime time, OutputBatch outputs)
    {
        new Tick(TickSource.Execute, options.Partition, options.PoolPartitions, time).Write(_packed, 15);
        Flush(time, outputs);
    }

    /// <summary>Sends what was added without ending the round.</summary>
    public void Flush(EventTime time, OutputBatch outputs)
    {
        if (_packed.Written.IsEmpty)
            return;
        outputs.Append(_poolInputs, time, [], SchemaHeaders.PoolInputs, _packed.Written);
        _packed.Clear();
    }
}
