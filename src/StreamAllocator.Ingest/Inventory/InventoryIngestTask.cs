using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Inventory;

/// <summary>
/// The topic vms, hosts or offers (key = id, empty value removes) into the partitions that need each entry: its pool's of <c>pool-inputs</c>,
/// and for a VM its own of <c>vm-inputs</c>, with the time zone resolved. Remembers which pool each entry is in, so that one that moves is
/// taken out of the old pool first. Belongs to one thread.
/// </summary>
public sealed class InventoryIngestTask(Topics topics, InventoryKind kind, int vmPartitions, int poolPartitions, IngestOptions options) : ITask
{
    private static readonly string[] Messages = ["VmSpec", "HostSpec", "Offer"];

    private readonly Admission _admission = new(topics, Encoding.UTF8.GetBytes(SchemaHeaders.Package + Messages[(int)kind]), options.MaxRecordBytes);
    private readonly SortedDictionary<string, string> _poolOf = new(StringComparer.Ordinal);
    private readonly ZoneTransitions _zones = new();
    private readonly ProtoWriter _writer = new();

    public IngestCounts Counts => _admission.Refusals.Counts;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            Counts.Records++;
            if (Fold(record, outputs))
                Counts.Accepted++;
            _admission.Refusals.Flush(outputs, batch.Source, record);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_poolOf.Count);
        foreach (var (id, pool) in _poolOf)
        {
            state.Text(id);
            state.Text(pool);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
            _poolOf.Add(state.Text(), state.Text());
    }

    private bool Fold(LogRecord record, OutputBatch outputs)
    {
        var key = Encoding.UTF8.GetString(record.Key);
        if (record.Value.IsEmpty)
        {
            Remove(key, record.Time, outputs);
            return true;
        }

        if (!_admission.TryRead(record, value => InventoryEntry.Read(kind, value), out var entry)
            || !_admission.Obeys(entry.Violations(), record, key, entry.Id))
            return false;
        Put(entry, record.Time, outputs);
        return true;
    }

    private void Put(InventoryEntry entry, EventTime time, OutputBatch outputs)
    {
        if (_poolOf.TryGetValue(entry.Id, out var pool) && pool != entry.PoolId)
            RemoveFromPool(entry.Id, pool, time, outputs);
        _poolOf[entry.Id] = entry.PoolId;
        if (entry.Vm is { } vm)
            ToVmInputs(new VmInventory(vm, _zones.Resolve(vm.TimeZone, time)), time, outputs);

        _writer.Clear();
        var mark = _writer.Begin(2 + 2 * (int)kind);
        entry.WriteFields(_writer);
        _writer.End(mark);
        outputs.Append(PoolPartition(entry.PoolId), time, default, SchemaHeaders.PoolInputs, _writer.Written);
    }

    private void Remove(string id, EventTime time, OutputBatch outputs)
    {
        if (!_poolOf.Remove(id, out var pool))
            return;
        RemoveFromPool(id, pool, time, outputs);
        if (kind == InventoryKind.Vms)
            ToVmInputs(new VmInventory(new VmSpec(id, "", default, default, default, default, ""), ZoneOffsets.Utc, Removed: true), time, outputs);
    }

    private void RemoveFromPool(string id, string pool, EventTime time, OutputBatch outputs)
    {
        _writer.Clear();
        _writer.Text(3 + 2 * (int)kind, id);
        outputs.Append(PoolPartition(pool), time, default, SchemaHeaders.PoolInputs, _writer.Written);
    }

    private void ToVmInputs(VmInventory inventory, EventTime time, OutputBatch outputs)
    {
        _writer.Clear();
        var mark = _writer.Begin(2);
        VmInventoryCodec.WriteFields(_writer, inventory);
        _writer.End(mark);
        var target = new TopicPartition(topics.VmInputs, StableHash.Partition(inventory.Spec.VmId, vmPartitions));
        outputs.Append(target, time, default, SchemaHeaders.VmInputs, _writer.Written);
    }

    private TopicPartition PoolPartition(string pool) => new(topics.PoolInputs, StableHash.Partition(pool, poolPartitions));
}
