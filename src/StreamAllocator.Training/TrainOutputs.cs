using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Training;

/// <summary>Encodes what the trainer puts out and addresses it.</summary>
internal sealed class TrainOutputs(Topics topics, int vmPartitions)
{
    private readonly ProtoWriter _writer = new();

    /// <summary>A challenger has a key of its own, or compaction would lose the champion.</summary>
    public static string KeyOf(string modelId, ModelRole role) => role == ModelRole.Champion ? modelId : modelId + "/challenger";

    /// <summary>To <c>models</c>, and to every partition of <c>vm-inputs</c>.</summary>
    public void Release(OutputBatch outputs, EventTime tick, ModelRelease release)
    {
        var key = Encoding.UTF8.GetBytes(KeyOf(release.ModelId, release.Role));
        _writer.Clear();
        ModelReleaseCodec.WriteFields(_writer, release);
        outputs.Append(new TopicPartition(topics.Models, 0), tick, key, SchemaHeaders.ModelRelease, _writer.Written);
        _writer.Clear();
        var mark = _writer.Begin(4);
        ModelReleaseCodec.WriteFields(_writer, release);
        _writer.End(mark);
        ToPredict(outputs, tick, key);
    }

    /// <summary>No release that is effective before the promised time is still to come.</summary>
    public void Promise(OutputBatch outputs, EventTime tick, EventTime promise)
    {
        _writer.Clear();
        new Tick(TickSource.Train, 0, 1, promise).Write(_writer, 15);
        ToPredict(outputs, tick, []);
    }

    private void ToPredict(OutputBatch outputs, EventTime time, byte[] key)
    {
        for (var partition = 0; partition < vmPartitions; partition++)
            outputs.Append(new TopicPartition(topics.VmInputs, partition), time, key, SchemaHeaders.VmInputs, _writer.Written);
    }
}
