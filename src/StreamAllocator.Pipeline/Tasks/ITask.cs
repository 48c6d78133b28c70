using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Tasks;

/// <summary>
/// The deterministic fold over one input partition. Synchronous; reads no clock, no random, no network, no thread identity: the same
/// records in give the same outputs out, whatever the batches they come in. Belongs to one thread.
/// </summary>
public interface ITask
{
    /// <summary>Event time that its tick has come to; unknown before the first, and for a task that has none.</summary>
    EventTime Reached => EventTime.Unknown;

    /// <summary>Folds the records of its partition, in order, and appends what is to be written.</summary>
    void Step(RecordBatch batch, OutputBatch outputs);

    /// <summary>Writes the whole state: save → load → save gives the same bytes, and the fold goes on alike.</summary>
    void Save(IBufferWriter<byte> to);

    /// <summary>Takes over a saved state, into a task that has folded nothing yet.</summary>
    void Load(ReadOnlySpan<byte> from);

    /// <summary>
    /// Forgets every key but those of one partition, of so many: its own is dealt out. Asked of tasks whose role has a <see cref="Shards.Lineage"/>.
    /// </summary>
    void Keep(int partition, int partitions) => throw new NotSupportedException($"{GetType().Name}: its partitions are never raised");
}
