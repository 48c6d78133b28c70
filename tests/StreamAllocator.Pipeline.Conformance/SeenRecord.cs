using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Conformance;

/// <summary>A record that a test read, copied out of its batch.</summary>
public sealed record SeenRecord(TopicPartition Source, long Offset, long Time, byte[] KeyBytes, byte[] Headers, byte[] ValueBytes)
{
    public string Key => Encoding.UTF8.GetString(KeyBytes);

    public string Value => Encoding.UTF8.GetString(ValueBytes);

    public static IEnumerable<SeenRecord> Of(RecordBatch batch)
    {
        var seen = new List<SeenRecord>();
        for (var i = 0; i < batch.Count; i++)
        {
            var record = batch[i];
            seen.Add(new SeenRecord(
                batch.Source, record.Offset, record.Time.UnixMilliseconds, record.Key.ToArray(), record.Headers.ToArray(), record.Value.ToArray()));
        }

        return seen;
    }
}
