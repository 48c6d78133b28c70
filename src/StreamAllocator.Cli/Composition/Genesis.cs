using System.Text;
using StreamAllocator.Cli.Records;
using StreamAllocator.Ingest.Inventory;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Composition;

/// <summary>
/// The first records of a driven run, in one commit: the inventory, public and routed as ingest routes it, then the executor's first tick, which
/// sets the world going; before it, where there is a trainer, the trainer's first promise, as its ticks answer predict's and predict's wait for them.
/// A run that has them already is left as it is.
/// </summary>
internal sealed class Genesis(IEventLog log, Topics topics, AllocatorOptions options)
{
    private const string NameHeader = "run";

    private readonly ProtoWriter _writer = new();

    /// <param name="name">What the run takes through, in words.</param>
    /// <exception cref="UsageException">The topics hold a run of another name.</exception>
    public void Write(Fleet fleet, string name = "")
    {
        if (log.EndOffset(new TopicPartition(topics.PoolInputs, 0)) > 0)
        {
            CheckName(name);
            return;
        }

        var headers = RecordHeaders.Encode(("schema", Encoding.UTF8.GetBytes(SchemaHeaders.Package + "PoolInputs")), (NameHeader, Encoding.UTF8.GetBytes(name)));
        using var outputs = new OutputBatch();
        Add(outputs, InventoryKind.Vms, topics.Vms, SchemaHeaders.VmSpec, fleet, fleet.Vms, vm => vm.VmId, VmSpecCodec.WriteFields);
        Add(outputs, InventoryKind.Hosts, topics.Hosts, SchemaHeaders.HostSpec, fleet, fleet.Hosts, host => host.HostId, HostSpecCodec.WriteFields);
        Add(outputs, InventoryKind.Offers, topics.Offers, SchemaHeaders.Offer, fleet, fleet.Offers, offer => offer.OfferId, OfferCodec.WriteFields);
        for (var partition = 0; options.Train && partition < options.VmPartitions; partition++)
        {
            var promise = fleet.Start + (options.Training.LeadWindows * options.Predict.Windows.Size);
            Tick(outputs, new TopicPartition(topics.VmInputs, partition), SchemaHeaders.VmInputs, fleet, new Tick(TickSource.Train, 0, 1, promise));
        }

        for (var pool = 0; pool < options.PoolPartitions; pool++)
        {
            var tick = new Tick(TickSource.Execute, pool, options.PoolPartitions, fleet.Start);
            Tick(outputs, new TopicPartition(topics.PoolInputs, pool), headers, fleet, tick);
        }

        using var producer = log.OpenProducer(topics.Group("genesis"));
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    private void Add<T>(
        OutputBatch outputs, InventoryKind kind, string topic, byte[] schema, Fleet fleet, IEnumerable<T> entries, Func<T, string> id, Action<ProtoWriter, T> write)
    {
        using var batch = new RecordBatch();
        batch.Reset(new TopicPartition(topic, 0));
        foreach (var entry in entries)
        {
            _writer.Clear();
            write(_writer, entry);
            var key = Encoding.UTF8.GetBytes(id(entry));
            batch.Append(batch.Count, fleet.Start, key, schema, _writer.Written);
            outputs.Append(batch.Source, fleet.Start, key, schema, _writer.Written);
        }

        new InventoryIngestTask(topics, kind, options.VmPartitions, options.PoolPartitions, options.Ingest).Step(batch, outputs);
    }

    private void CheckName(string name)
    {
        var source = new TopicPartition(topics.PoolInputs, 0);
        using var reader = new HistoryReader(log, source, log.BeginOffset(source), log.EndOffset(source));
        for (; reader.Any(); reader.Advance())
        {
            if (!RecordHeaders.TryFind(reader.Current.Headers, Encoding.UTF8.GetBytes(NameHeader), out var found))
                continue;
            if (Encoding.UTF8.GetString(found) is var held && held != name)
                throw new UsageException($"the topics {topics.Prefix}* hold a run of {held}; asked for was {name}");
            return;
        }
    }

    private void Tick(OutputBatch outputs, TopicPartition target, byte[] headers, Fleet fleet, in Tick tick)
    {
        _writer.Clear();
        tick.Write(_writer, 15);
        outputs.Append(target, fleet.Start, [], headers, _writer.Written);
    }
}
