namespace StreamAllocator.Pipeline.Logs.Local;

/// <summary>
/// The groups of a log within one process. Partitions change hands cooperatively: the new owner has one only after the old one gave it up at
/// a poll of its own (or left, or was fenced). Not thread-safe: used under the log's lock.
/// </summary>
public sealed class GroupCoordinator
{
    private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);

    public GroupMember Join(string group, string name, IReadOnlyDictionary<string, int> topics)
    {
        if (!_groups.TryGetValue(group, out var joined))
            _groups.Add(group, joined = new Group());
        if (joined.Members.TryGetValue(name, out var before))
            joined.Remove(before, MemberStanding.Fenced);
        foreach (var (topic, partitions) in topics)
            joined.Partitions[topic] = partitions;
        var member = new GroupMember(group, name, [.. topics.Keys.Order(StringComparer.Ordinal)]);
        joined.Add(member);
        return member;
    }

    /// <summary>Names of the members; none where there is no such group.</summary>
    public IReadOnlyList<string> Members(string group) => _groups.TryGetValue(group, out var joined) ? [.. joined.Members.Keys] : [];

    public void Leave(GroupMember member)
    {
        if (member.Standing == MemberStanding.Member)
            _groups[member.Group].Remove(member, MemberStanding.Fenced);
        else
            member.Standing = MemberStanding.Fenced;
    }

    /// <summary>
    /// Takes a member's partitions from it at once, as a broker does that has not heard of it for a session timeout: its commits fail, and it
    /// joins anew after it has seen, at a poll, that it lost them.
    /// </summary>
    public void Evict(GroupMember member)
    {
        if (member.Standing == MemberStanding.Member)
            _groups[member.Group].Remove(member, MemberStanding.Evicted);
    }

    /// <summary>
    /// What the member owns after it gave up what it shall no longer have and took what is free for it; true where that changed.
    /// </summary>
    /// <exception cref="LogFencedException">Another member took its name.</exception>
    public bool Sync(GroupMember member)
    {
        if (!member.MustSync)
            return false;
        var group = _groups[member.Group];
        switch (member.Standing)
        {
            case MemberStanding.Fenced:
                throw Fenced(member);
            case MemberStanding.Evicted:
                member.Standing = MemberStanding.Rejoining;
                return true;
            case MemberStanding.Rejoining when group.Members.ContainsKey(member.Name):
                member.Standing = MemberStanding.Fenced;
                throw Fenced(member);
            case MemberStanding.Rejoining:
                member.Standing = MemberStanding.Member;
                group.Add(member);
                break;
        }

        return group.Settle(member);
    }

    /// <summary>Throws unless each of the partitions belongs to the member now.</summary>
    /// <exception cref="LogFencedException">One does not.</exception>
    public static void Check(GroupMember member, IReadOnlyList<PartitionOffset> offsets)
    {
        if (member.Standing == MemberStanding.Fenced)
            throw Fenced(member);
        for (var i = 0; i < offsets.Count; i++)
        {
            if (member.Standing != MemberStanding.Member || !member.Owned.Contains(offsets[i].Partition))
                throw new LogFencedException(
                    $"{member.Name} of group {member.Group} no longer owns {offsets[i].Partition}: nothing was committed");
        }
    }

    /// <summary>The groups that ever subscribed to a topic.</summary>
    public IEnumerable<string> Subscribed(string topic)
    {
        foreach (var (name, group) in _groups)
        {
            if (group.Partitions.ContainsKey(topic))
                yield return name;
        }
    }

    private static LogFencedException Fenced(GroupMember member) =>
        new($"{member.Name} of group {member.Group} was replaced by another member of that name, or has left");

    private sealed class Group
    {
        private readonly Dictionary<TopicPartition, GroupMember> _owners = [];
        private Dictionary<TopicPartition, GroupMember> _targets = [];

        public SortedDictionary<string, GroupMember> Members { get; } = new(StringComparer.Ordinal);

        /// <summary>Number of partitions of every topic that a member ever subscribed to.</summary>
        public SortedDictionary<string, int> Partitions { get; } = new(StringComparer.Ordinal);

        public void Add(GroupMember member)
        {
            Members.Add(member.Name, member);
            Rebalance();
        }

        public void Remove(GroupMember member, MemberStanding standing)
        {
            Members.Remove(member.Name);
            foreach (var partition in member.Owned)
                _owners.Remove(partition);
            member.Owned.Clear();
            member.Standing = standing;
            member.MustSync = true;
            Rebalance();
        }

        public bool Settle(GroupMember member)
        {
            member.MustSync = false;
            var lost = member.Owned.RemoveAll(partition => _targets.GetValueOrDefault(partition) != member && _owners.Remove(partition));
            if (lost > 0)
            {
                foreach (var other in Members.Values)
                    other.MustSync |= other != member;
            }

            var had = member.Owned.Count;
            foreach (var (partition, target) in _targets)
            {
                if (target == member && _owners.TryAdd(partition, member))
                    member.Owned.Add(partition);
            }

            member.Owned.Sort();
            return lost > 0 || member.Owned.Count > had;
        }

        // As few moves as an even share allows: everybody keeps what it has, what is free goes to who has least, then the fullest gives.
        private void Rebalance()
        {
            var load = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (var name in Members.Keys)
                load.Add(name, 0);
            var targets = new Dictionary<TopicPartition, GroupMember>();
            var free = new List<TopicPartition>();
            foreach (var (topic, count) in Partitions)
            {
                for (var partition = 0; partition < count; partition++)
                {
                    var source = new TopicPartition(topic, partition);
                    if (_targets.TryGetValue(source, out var before) && Members.GetValueOrDefault(before.Name) == before)
                        Assign(source, before);
                    else
                        free.Add(source);
                }
            }

            foreach (var source in free)
            {
                if (Emptiest(source.Topic) is { } member)
                    Assign(source, member);
            }

            while (Move(targets, load))
            {
            }

            _targets = targets;
            foreach (var member in Members.Values)
                member.MustSync = true;

            void Assign(TopicPartition source, GroupMember member)
            {
                targets[source] = member;
                load[member.Name]++;
            }

            GroupMember? Emptiest(string topic)
            {
                GroupMember? emptiest = null;
                foreach (var member in Members.Values)
                {
                    if (member.Topics.Contains(topic) && (emptiest is null || load[member.Name] < load[emptiest.Name]))
                        emptiest = member;
                }

                return emptiest;
            }
        }

        private bool Move(Dictionary<TopicPartition, GroupMember> targets, SortedDictionary<string, int> load)
        {
            var best = 1;
            (TopicPartition Source, GroupMember Target)? move = null;
            foreach (var (source, owner) in targets.OrderBy(pair => pair.Key))
            {
                foreach (var member in Members.Values)
                {
                    var gain = load[owner.Name] - load[member.Name];
                    if (gain <= best || !member.Topics.Contains(source.Topic))
                        continue;
                    best = gain;
                    move = (source, member);
                }
            }

            if (move is not { } found)
                return false;
            load[targets[found.Source].Name]--;
            load[found.Target.Name]++;
            targets[found.Source] = found.Target;
            return true;
        }
    }
}
