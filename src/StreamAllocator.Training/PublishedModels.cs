using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Training;

/// <summary>Reads back what the trainer has published: per model the newest champion and the newest challenger, which compaction keeps.</summary>
internal sealed class PublishedModels(IEventLog log, string topic)
{
    public IEnumerable<ModelHistory> Read()
    {
        var newest = new SortedDictionary<string, (ModelRelease Release, EventTime Tick)>(StringComparer.Ordinal);
        var source = new TopicPartition(topic, 0);
        CommittedRecords.Read(log, source, log.BeginOffset(source), (in record) =>
        {
            newest[Encoding.UTF8.GetString(record.Key)] = (ModelReleaseCodec.Read(new ProtoReader(record.Value)), record.Time);
            return true;
        });
        foreach (var model in newest.Values.GroupBy(published => published.Release.ModelId, StringComparer.Ordinal))
            yield return ModelHistory.Of(model.First().Release.JobClass, Of(model.Key, ModelRole.Champion), Of(model.Key, ModelRole.Challenger));

        (ModelRelease, EventTime)? Of(string modelId, ModelRole role) =>
            newest.TryGetValue(TrainOutputs.KeyOf(modelId, role), out var published) ? published : null;
    }
}
