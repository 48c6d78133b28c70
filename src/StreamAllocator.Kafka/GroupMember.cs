using Confluent.Kafka;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>A member of a consumer group, as its coordinator describes it.</summary>
/// <param name="Name">Of a static member, its instance id; else what the coordinator calls it.</param>
internal sealed record GroupMember(string Name, IReadOnlyList<TopicPartition> Assignment)
{
    /// <summary>The coordinator calls a static member by its name, a dash and a UUID.</summary>
    private const int SuffixLength = 37;

    public static GroupMember Of(GroupMemberInfo member)
    {
        var id = member.MemberId;
        var isStatic = id.Length > SuffixLength && id[^SuffixLength] == '-' && Guid.TryParse(id.AsSpan(id.Length - SuffixLength + 1), out _);
        return new GroupMember(isStatic ? id[..^SuffixLength] : id, Assigned(member.MemberAssignment));
    }

    /// <summary>Kafka's consumer protocol: a version (2 bytes), a count (4), and of each topic its name (2 bytes of length before it) and its partitions (4 of count, 4 each).</summary>
    private static List<TopicPartition> Assigned(ReadOnlySpan<byte> assignment)
    {
        var assigned = new List<TopicPartition>();
        if (assignment.Length < 6)
            return assigned;
        var rest = assignment[2..];
        for (var topics = KafkaBytes.Int32(ref rest); topics > 0; topics--)
        {
            var topic = KafkaBytes.Text(ref rest);
            for (var count = KafkaBytes.Int32(ref rest); count > 0; count--)
                assigned.Add(new TopicPartition(topic, KafkaBytes.Int32(ref rest)));
        }

        return assigned;
    }
}
