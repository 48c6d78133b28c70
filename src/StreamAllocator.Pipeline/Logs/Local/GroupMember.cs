namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>A member of a consumer group, as its consumer holds it; changed by <see cref="GroupCoordinator"/> only.</summary>
public sealed class GroupMember
{
    internal GroupMember(string group, string name, IReadOnlyCollection<string> topics)
    {
        Group = group;
        Name = name;
        Topics = topics;
    }

    public string Group { get; }

    public string Name { get; }

    public IReadOnlyCollection<string> Topics { get; }

    internal List<TopicPartition> Owned { get; } = [];

    /// <summary>Bumped when the member has something to learn at its next poll.</summary>
    internal bool MustSync { get; set; } = true;

    internal MemberStanding Standing { get; set; } = MemberStanding.Member;
}

internal enum MemberStanding
{
    Member,

    /// <summary>Its partitions were taken without its knowing; it joins again once it has seen that.</summary>
    Evicted,

    /// <summary>It saw that it lost everything; its next poll joins again.</summary>
    Rejoining,

    /// <summary>Another took its name.</summary>
    Fenced,
}
