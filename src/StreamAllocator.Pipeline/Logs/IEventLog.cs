using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>
/// Topics of partitions of records, with consumer groups and an atomic commit of (outputs + input offsets). Three implementations
/// (Kafka, embedded, in memory) stand under one conformance suite; the semantics are Kafka's:
/// <list type="bullet">
/// <item>The order of a partition is the order of commits; offsets ascend and may have gaps.</item>
/// <item>Readers see committed records only, each transaction wholly or not at all, up to the first one still open.</item>
/// <item>Within a group each partition belongs to at most one member. A commit by a member that lost a partition fails.</item>
/// <item>Opening a producer fences every earlier one of the same transactional id.</item>
/// </list>
/// Thread-safe, but each consumer and producer belongs to one thread. Fails with <see cref="LogException"/>.
/// </summary>
public interface IEventLog : IDisposable
{
    /// <summary>
    /// Creates what is missing. A topic that exists with another number of partitions is a <see cref="LogException"/>, and nothing is
    /// created then; one that exists with another clean-up keeps its own.
    /// </summary>
    void CreateTopics(IReadOnlyCollection<TopicSpec> topics);

    /// <summary>
    /// Gives a topic more partitions: the new ones are empty, those there keep what they have. Who has opened something on the
    /// topic before (reader, member, producer) may not know them. As many as there are is no change; fewer are a <see cref="LogException"/>.
    /// </summary>
    void AddPartitions(string topic, int partitions);

    /// <summary>The topics that exist, in ordinal order of their names.</summary>
    IReadOnlyList<TopicSpec> Topics();

    /// <summary>
    /// Joins a group that shares the partitions of some topics. Starts at the group's committed offset, or at the first record
    /// where it has none. A member that joins under a living member's name replaces it, and the old one is fenced: its polls and its commits
    /// fail. Assigned are partitions once a poll has said so. A topic that does not exist is a <see cref="LogException"/>.
    /// </summary>
    ILogConsumer Join(string group, string member, IReadOnlyCollection<string> topics);

    /// <summary>
    /// Names of a group's members, in ordinal order; none where it does not exist. One that died, or was the last to leave, may count until its
    /// session times out.
    /// </summary>
    IReadOnlyList<string> Members(string group);

    /// <summary>Reads some partitions without a group, each from its first record until <see cref="ILogConsumer.Seek"/> says otherwise.</summary>
    ILogConsumer Read(IReadOnlyCollection<TopicPartition> partitions);

    /// <summary>
    /// Fences every producer of this transactional id and discards what they left uncommitted. Once it has returned, none of their commits
    /// is under way: what <see cref="Committed"/> then says is how the last of them ended.
    /// </summary>
    ILogProducer OpenProducer(string transactionalId);

    /// <summary>
    /// The transactional id that a member of a group commits under. Who sees a member gone may open it, so that what it left uncommitted holds up
    /// nobody.
    /// </summary>
    static string ProducerOf(string group, string member) => $"{group}-{member}";

    /// <summary>A way in without transactions, beside any number of others.</summary>
    /// <param name="name">Shown in the broker's logs and quotas; others may have the same.</param>
    ILogAppender OpenAppender(string name);

    /// <summary>The offset at which a group goes on in a partition (last processed + 1), or null where it never committed. Waits for commits under way.</summary>
    long? Committed(string group, TopicPartition partition);

    /// <summary>Offset of the first record that is still kept, or of a gap before it.</summary>
    long BeginOffset(TopicPartition partition);

    /// <summary>Offset after the last committed record (the last stable offset).</summary>
    long EndOffset(TopicPartition partition);

    /// <summary>Offset of the first record whose event time is at or after <paramref name="time"/>; the end offset if there is none.</summary>
    long OffsetAt(TopicPartition partition, EventTime time);
}
