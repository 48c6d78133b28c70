using System.Globalization;
using System.Text;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Server.Events;

/// <summary>
/// How far a reader of several topics has come, as the id of a server-sent event: <c>decisions=4.17,commands=9,allocations=3.3</c> gives for each
/// topic the next offset of each partition, in order.
/// </summary>
internal sealed class EventPosition
{
    private readonly (string Name, TopicPartition[] Partitions)[] _topics;
    private readonly Dictionary<TopicPartition, long> _next = [];

    private EventPosition((string Name, TopicPartition[] Partitions)[] topics) => _topics = topics;

    public IEnumerable<KeyValuePair<TopicPartition, long>> Next => _next;

    public static EventPosition At((string Name, TopicPartition[] Partitions)[] topics, Func<TopicPartition, long> next)
    {
        var position = new EventPosition(topics);
        foreach (var partition in topics.SelectMany(topic => topic.Partitions))
            position._next[partition] = next(partition);
        return position;
    }

    /// <summary>Null where the text is no position in these topics.</summary>
    public static EventPosition? TryParse((string Name, TopicPartition[] Partitions)[] topics, string text)
    {
        var parts = text.Split(',');
        if (parts.Length != topics.Length)
            return null;
        var position = new EventPosition(topics);
        for (var topic = 0; topic < topics.Length; topic++)
        {
            var (name, partitions) = topics[topic];
            if (!parts[topic].StartsWith(name + "=", StringComparison.Ordinal))
                return null;
            var offsets = parts[topic][(name.Length + 1)..].Split('.');
            if (offsets.Length != partitions.Length)
                return null;
            for (var partition = 0; partition < partitions.Length; partition++)
            {
                if (!long.TryParse(offsets[partition], NumberStyles.None, CultureInfo.InvariantCulture, out var next))
                    return null;
                position._next[partitions[partition]] = next;
            }
        }

        return position;
    }

    public void Pass(TopicPartition partition, long offset) => _next[partition] = offset + 1;

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, partitions) in _topics)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append('=');
            text.AppendJoin('.', partitions.Select(partition => _next[partition].ToString(CultureInfo.InvariantCulture)));
        }

        return text.ToString();
    }
}
