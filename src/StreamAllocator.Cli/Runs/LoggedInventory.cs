using System.Text;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Runs;

/// <summary>
/// The inventory of a log as it stood at a time: of each id the newest record before it. Where compaction has taken that, the oldest one kept:
/// an entry that was written again since was there before, and without it all its telemetry would be refused.
/// </summary>
internal sealed class LoggedInventory(IEventLog log, Topics topics, EventTime time)
{
    public Fleet Fleet => new(
        Entries(topics.Vms, value => VmSpecCodec.Read(new ProtoReader(value))),
        Entries(topics.Hosts, value => HostSpecCodec.Read(new ProtoReader(value))),
        time)
    {
        Offers = Entries(topics.Offers, value => OfferCodec.Read(new ProtoReader(value))),
    };

    private List<T> Entries<T>(string topic, Func<byte[], T> read)
    {
        var standing = new SortedDictionary<string, (EventTime Time, byte[] Value)>(StringComparer.Ordinal);
        if (log.Topics().FirstOrDefault(spec => spec.Name == topic) is not { } found)
            return [];
        TopicReader.Read(
            log, found, from: null, follow: false,
            (_, in record) =>
            {
                var key = Encoding.UTF8.GetString(record.Key);
                if (record.Time < time || !standing.ContainsKey(key))
                    standing[key] = (record.Time, record.Value.ToArray());
                return true;
            },
            CancellationToken.None);
        return [.. standing.Values.Where(entry => entry.Value.Length > 0).SelectMany(entry => Decode(entry.Value, read))];
    }

    /// <summary>What cannot be read was refused when it came.</summary>
    private static IEnumerable<T> Decode<T>(byte[] value, Func<byte[], T> read)
    {
        try
        {
            return [read(value)];
        }
        catch (WireFormatException)
        {
            return [];
        }
    }
}
