using System.Buffers.Binary;
using System.Text;
using Confluent.Kafka;

namespace StreamAllocator.Kafka;

/// <summary>A member of a consumer group, as its coordinator describes it.</summary>
/// <param name="Name">Of a static member, its instance id; else what the coordinator calls it.</param>
/// <param name="Topics">Of which it has partitions.</param>
internal sealed record GroupMember(string Name, IReadOnlyList<string> Topics)
{
    /// <summary>The coordinator calls a static member by its name, a dash and a UUID.</summary>
    private const int SuffixLength = 37;

    public static GroupMember Of(GroupMemberInfo member)
    {
        var id = member.MemberId;
        var isStatic = id.Length > SuffixLength && id[^SuffixLength] == '-' && Guid.TryParse(id.AsSpan(id.Length - SuffixLength + 1), out _);
        return new GroupMember(isStatic ? id[..^SuffixLength] : id, AssignedTopics(member.MemberAssignment));
    }

    /// <summary>Kafka's consumer protocol: a version (2 bytes), a count (4), and of each topic its name (2 bytes of length before it) and its partitions (4 of count, 4 each).</summary>
    private static List<string> AssignedTopics(ReadOnlySpan<byte> assignment)
    {
        var topics = new List<string>();
        if (assignment.Length < 6)
            return topics;
        var rest = assignment[6..];
        for (var count = BinaryPrimitives.ReadInt32BigEndian(assignment[2..]); count > 0; count--)
        {
            int length = BinaryPrimitives.ReadInt16BigEndian(rest);
            topics.Add(Encoding.UTF8.GetString(rest.Slice(2, length)));
            rest = rest[(2 + length)..];
            rest = rest[(4 + (4 * BinaryPrimitives.ReadInt32BigEndian(rest)))..];
        }

        return topics;
    }
}
