using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Decide;

/// <summary>Encodes what a decide task puts out: decisions to the VM's partition, commands and the tick to the pool's.</summary>
internal sealed class DecideOutputs(Topics topics, int partition, int partitions, int decisionPartitions, string runId)
{
    private readonly ProtoWriter _writer = new();
    private readonly DecisionCodec _decisions = new();
    private readonly Dictionary<string, (byte[] Key, TopicPartition Decisions)> _addresses = new(StringComparer.Ordinal);
    private readonly TopicPartition _commands = new(topics.Commands, partition);

    public void Decision(OutputBatch outputs, Decision decision)
    {
        var (key, target) = Address(decision.VmId);
        _writer.Clear();
        _decisions.WriteFields(_writer, decision);
        outputs.Append(target, decision.EventTime, key, SchemaHeaders.Decision, _writer.Written);
        if (decision.Command is not { } command)
            return;
        _writer.Clear();
        ResizeCommandCodec.WriteFields(_writer, runId.Length == 0 ? command : command with { RunId = runId });
        outputs.Append(_commands, decision.EventTime, key, SchemaHeaders.ResizeCommand, _writer.Written);
    }

    /// <summary>Tells the executor of this partition that the round is over.</summary>
    public void Tick(OutputBatch outputs, EventTime tick)
    {
        _writer.Clear();
        new Tick(TickSource.Decide, partition, partitions, tick).WriteFields(_writer);
        outputs.Append(_commands, tick, [], SchemaHeaders.Tick, _writer.Written);
    }

    private (byte[] Key, TopicPartition Decisions) Address(string vmId)
    {
        if (!_addresses.TryGetValue(vmId, out var address))
        {
            address = (Encoding.UTF8.GetBytes(vmId), new TopicPartition(topics.Decisions, StableHash.Partition(vmId, decisionPartitions)));
            _addresses.Add(vmId, address);
        }

        return address;
    }
}
