using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>What a member sees to in its group for those who have gone: their open transactions, and partitions that nobody has. Belongs to the consumer's thread.</summary>
internal sealed class GroupWatch(
    Cluster cluster, KafkaLogOptions options, ConnectionState connection, string group, string member, IReadOnlyCollection<string> topics)
{
    /// <summary>Who only starts anew is a member again by then: nobody is to fence it.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(1);

    /// <summary>From a member's first assignment to its look for partitions without an owner: longer than most rebalances take.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(3);

    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _members = [];
    private string _memberId = "";
    private Deadline? _look;
    private Deadline? _end;

    /// <summary>The group has been dealt out.</summary>
    /// <param name="memberId">Another one after each join.</param>
    /// <exception cref="LogException">The members could not be listed.</exception>
    public void OnDealtOut(string memberId)
    {
        if (memberId != _memberId)
            (_memberId, _look) = (memberId, new Deadline(LookAfter));
        _gone.UnionWith(_members);
        _members = cluster.Members(group);
        _gone.ExceptWith(_members);
        if (_gone.Count > 0)
            _end = new Deadline(GoneAfter);
    }

    /// <summary>
    /// Of members that have gone for good, and once; for who is held up. One that died within a commit holds up its successors until the broker's patience with its transaction
    /// is over, 20 s by default; it is ended by opening what that member committed with. Where it lives, it has lost its partitions all the same.
    /// </summary>
    public void EndTransactions()
    {
        if (_end is not { HasPassed: true })
            return;
        _end = null;
        try
        {
            foreach (var gone in _gone.Except(cluster.Members(group)))
                new KafkaProducer(cluster, options, connection, IEventLog.ProducerOf(group, gone)).Dispose();
        }
        catch (LogException)
        {
            // Then the timeout ends them.
        }

        _gone.Clear();
    }

    /// <summary>
    /// Who joins under the name of a member that died is given what that one had, without a rebalance. Where that one had been about to join
    /// again, for it had given up partitions which another was to get, nobody would ever get these. So who is new looks once whether the group is at
    /// rest though some have no owner: then it has to be dealt out again.
    /// </summary>
    public bool HasUnowned()
    {
        if (_look is not { HasPassed: true })
            return false;
        _look = null;
        try
        {
            if (cluster.Unowned(group, topics) is { } unowned)
            {
                if (unowned.Count > 0)
                    connection.Unowned(member, group, unowned);
                return unowned.Count > 0;
            }
        }
        catch (LogException)
        {
            // It cannot be seen now.
        }

        _look = new Deadline(LookAfter);
        return false;
    }
}
