using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using WireSchemas = StreamAllocator.Pipeline.Wire.Schemas;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// The first records of a driven run, in one commit: the inventory, public and routed, then the executor's first tick, which sets the world
/// going; before it, where there is a trainer, the trainer's first promise, as its ticks answer predict's and predict's wait for them. A run that has them already is left as it is.
/// </summary>
internal sealed class Genesis(IEventLog log, Topics topics, AllocatorOptions options)
{
    private readonly ProtoWriter _writer = new();

    public void Write(Fleet fleet)
    {
        if (log.EndOffset(new TopicPartition(topics.PoolInputs, 0)) > 0)
            return;
        using var outputs = new OutputBatch();
        foreach (var vm in fleet.Vms)
            Add(outputs, vm, fleet.Start);
        foreach (var host in fleet.Hosts)
            Add(outputs, host, fleet.Start);
        for (var partition = 0; options.Train && partition < options.VmPartitions; partition++)
        {
            _writer.Clear();
            var promise = fleet.Start + (options.Training.LeadWindows * options.Predict.Windows.Size);
            new Tick(TickSource.Train, 0, 1, promise).Write(_writer, 15);
            outputs.Append(new TopicPartition(topics.VmInputs, partition), fleet.Start, [], WireSchemas.VmInputs, _writer.Written);
        }

        for (var pool = 0; pool < options.PoolPartitions; pool++)
        {
            _writer.Clear();
            new Tick(TickSource.Execute, pool, options.PoolPartitions, fleet.Start).Write(_writer, 15);
            outputs.Append(new TopicPartition(topics.PoolInputs, pool), fleet.Start, [], WireSchemas.PoolInputs, _writer.Written);
        }

        using var producer = log.OpenProducer("genesis");
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    private void Add(OutputBatch outputs, VmSpec vm, EventTime time)
    {
        var key = Encoding.UTF8.GetBytes(vm.VmId);
        _writer.Clear();
        VmSpecCodec.WriteFields(_writer, vm);
        outputs.Append(new TopicPartition(topics.Vms, 0), time, key, WireSchemas.VmSpec, _writer.Written);

        var target = new TopicPartition(topics.VmInputs, StableHash.Partition(key, options.VmPartitions));
        Append(outputs, target, time, key, WireSchemas.VmInputs, 2, () => VmInventoryCodec.WriteFields(_writer, new VmInventory(vm, ZoneOffsets.Utc)));
        var pool = new TopicPartition(topics.PoolInputs, StableHash.Partition(vm.PoolId, options.PoolPartitions));
        Append(outputs, pool, time, key, WireSchemas.PoolInputs, 2, () => VmSpecCodec.WriteFields(_writer, vm));
    }

    private void Add(OutputBatch outputs, HostSpec host, EventTime time)
    {
        var key = Encoding.UTF8.GetBytes(host.HostId);
        _writer.Clear();
        HostSpecCodec.WriteFields(_writer, host);
        outputs.Append(new TopicPartition(topics.Hosts, 0), time, key, WireSchemas.HostSpec, _writer.Written);
        var pool = new TopicPartition(topics.PoolInputs, StableHash.Partition(host.PoolId, options.PoolPartitions));
        Append(outputs, pool, time, key, WireSchemas.PoolInputs, 4, () => HostSpecCodec.WriteFields(_writer, host));
    }

    private void Append(OutputBatch outputs, TopicPartition target, EventTime time, byte[] key, byte[] schema, int field, Action write)
    {
        _writer.Clear();
        var mark = _writer.Begin(field);
        write();
        _writer.End(mark);
        outputs.Append(target, time, key, schema, _writer.Written);
    }
}
