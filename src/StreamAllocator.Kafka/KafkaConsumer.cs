using Confluent.Kafka;
using StreamAllocator.Kafka.Native;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>
/// A consumer, a static member of a group or without one. The common queue of librdkafka brings events (hand-overs, errors) only: records come
/// from the partitions' own queues, in turns.
/// </summary>
internal sealed class KafkaConsumer : ILogConsumer
{
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan EventWait = TimeSpan.FromMilliseconds(5);

    private readonly Cluster _cluster;
    private readonly KafkaLogOptions _options;
    private readonly ConnectionState _connection;
    private readonly string? _group;
    private readonly string _name;
    private readonly IConsumer<byte[], byte[]> _client;
    private readonly nint _handle;
    private readonly nint _events;
    private readonly Wakeup _wakeup = new();
    private readonly List<PartitionFeed> _feeds = [];
    private readonly nint[] _places = new nint[1024];
    private TopicPartition[] _assignment = [];
    private IReadOnlyCollection<string> _topics = [];
    private GroupWatch? _watch;
    private OffsetLog? _offsetLog;
    private Error? _fatal;
    private LogException? _failure;
    private bool _assignmentChanged;
    private int _turn;
    private bool _disposed;

    private KafkaConsumer(
        Cluster cluster, KafkaLogOptions options, ConnectionState connection, string? group, string name, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        _cluster = cluster;
        _options = options;
        _connection = connection;
        _group = group;
        _name = name;
        _client = new ConsumerBuilder<byte[], byte[]>(ClientSettings.Consumer(options, group ?? name, group is null ? null : name, isolation))
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, message) => connection.OnLog(message))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnRevoked(partitions))
            .Build();
        _handle = Librdkafka.Client(_client);
        _events = Librdkafka.ConsumerQueue(_handle);
        _wakeup.ListenTo(_events);
    }

    public IReadOnlyList<TopicPartition> Assignment => _assignment;

    /// <summary>Read anew for each commit: what fences a member that lost its partitions is the generation in it.</summary>
    public IConsumerGroupMetadata GroupMetadata => _client.ConsumerGroupMetadata;

    public static KafkaConsumer Join(
        Cluster cluster, KafkaLogOptions options, ConnectionState connection, string group, string member, IReadOnlyCollection<string> topics)
    {
        var consumer = new KafkaConsumer(cluster, options, connection, group, member);
        (consumer._topics, consumer._watch) = (topics, new GroupWatch(cluster, options, connection, group, member, topics));
        consumer._offsetLog = new OffsetLog(cluster, options, connection, group);
        consumer._client.Subscribe(topics);
        return consumer;
    }

    public static KafkaConsumer Read(
        Cluster cluster,
        KafkaLogOptions options,
        ConnectionState connection,
        IReadOnlyCollection<TopicPartition> partitions,
        long[] starts,
        IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        var consumer = new KafkaConsumer(cluster, options, connection, null, "reader", isolation);
        consumer._client.Assign(consumer.Open(partitions, starts));
        return consumer;
    }

    public PollOutcome Poll(RecordBatch batch, int maxRecords, TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRecords, 1);
        batch.Clear();
        var deadline = new Deadline(wait);
        if (_watch is not null && _watch.HasUnowned())
            Rejoin();
        while (true)
        {
            ServeEvents(TimeSpan.Zero);
            if (_failure is not null)
                throw _failure;
            if (_assignmentChanged)
            {
                _assignmentChanged = false;
                return PollOutcome.AssignmentChanged;
            }

            if (TakeTurn(batch, maxRecords))
                return PollOutcome.Records;
            var left = deadline.Left;
            if (left == TimeSpan.Zero || !_wakeup.Wait(left))
                return PollOutcome.Idle;
        }
    }

    public long Position(TopicPartition partition) => Find(partition).Next;

    public bool IsAtEnd(TopicPartition partition) => Find(partition).IsAtEnd;

    public void Seek(TopicPartition partition, long offset)
    {
        var feed = Find(partition);
        var end = _cluster.EndOffset(partition);
        if (offset < 0 || offset > end)
            throw new LogException($"{partition} ends at offset {end}, {offset} was asked for: is this the log that the offset came from?");
        SeekTo(feed, Math.Max(offset, _cluster.BeginOffsets([partition])[0]));
    }

    // The fetcher fills the partition's queue up to its bound and waits.
    public void Pause(TopicPartition partition) => Find(partition).Paused = true;

    public void Resume(TopicPartition partition) => Find(partition).Paused = false;

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_group is not null && _fatal is null)
            Leave();
        Close();
        Wakeup.Ignore(_events);
        Librdkafka.ReleaseQueue(_events);
        Drop(_ => true);
        _client.Dispose();
        _wakeup.Dispose();
    }

    /// <summary>Without it, a hand-over that nobody answers any more would keep librdkafka from ending.</summary>
    private void Close()
    {
        try
        {
            _client.Close();
        }
        catch (KafkaException)
        {
            // Fenced, or the broker is away: there is nothing to close.
        }
    }

    /// <summary>
    /// A static member that closes stays in the group until its session times out, and its partitions with it, for it may be about to come
    /// back. One that unsubscribes is taken out of it at once. Until librdkafka has asked for that, it knows its member id.
    /// </summary>
    private void Leave()
    {
        var deadline = new Deadline(LongestLeave);
        try
        {
            _client.Unsubscribe();
            while (_client.MemberId.Length > 0 && !deadline.HasPassed)
                ServeEvents(EventWait);
        }
        catch (Exception failed) when (failed is KafkaException or LogException)
        {
            // Then the session timeout tells the others.
        }
    }

    /// <summary>That is all that a coordinator cannot answer without dealing out anew.</summary>
    private void Rejoin()
    {
        Leave();
        _client.Subscribe(_topics);
    }

    private void SeekTo(PartitionFeed feed, long start)
    {
        var deadline = new Deadline(_options.CallTimeout);
        while (true)
        {
            try
            {
                _client.Seek(new TopicPartitionOffset(Cluster.ToKafka(feed.Source), start));
                feed.GoTo(start);
                return;
            }
            catch (KafkaException early) when (early.Error.Code == ErrorCode.Local_State && !deadline.HasPassed)
            {
                // The assignment is carried out in the background; the fetcher has not started yet.
                Thread.Sleep(1);
            }
            catch (KafkaException failed)
            {
                throw new LogException($"{feed.Source} could not be set to offset {start}: {failed.Error.Reason}", failed);
            }
        }
    }

    private bool TakeTurn(RecordBatch batch, int maxRecords)
    {
        for (var tried = 0; tried < _feeds.Count; tried++)
        {
            _turn = _turn + 1 < _feeds.Count ? _turn + 1 : 0;
            var feed = _feeds[_turn];
            if (feed.Paused)
                continue;
            if (feed.Take(batch, maxRecords, _places))
                return true;
            if (feed.Failure is { } failure)
                GoOn(feed, failure.Code, failure.Text);
        }

        return false;
    }

    /// <summary>
    /// What retention has taken before it was read is passed over, as a seek does. Where there is nothing wrong with the place (a leader has just changed, and
    /// librdkafka could not make sure of it), it is read from there again; anything else is thrown.
    /// </summary>
    private void GoOn(PartitionFeed feed, int code, string text)
    {
        var isPlace = Failures.IsPlace(code);
        if (!isPlace && !Failures.Passes((ErrorCode)code))
            throw Failures.Unreadable(feed.Source, code, text, _options);
        var begin = _cluster.BeginOffsets([feed.Source])[0];
        if (feed.Next < begin)
            _connection.Skipped(feed.Source, feed.Next, begin);
        else if (isPlace && feed.Next > _cluster.EndOffset(feed.Source))
            throw new LogException($"{feed.Source} has no offset {feed.Next}: the log has lost records ({text})");
        SeekTo(feed, Math.Max(begin, feed.Next));
    }

    private void ServeEvents(TimeSpan wait)
    {
        do
        {
            try
            {
                if (_client.Consume(wait) is { } stray && !_disposed)
                    throw new InvalidOperationException($"a record of {stray.TopicPartition} came past its partition's queue");
            }
            catch (ConsumeException failed) when (failed.Error.Code == ErrorCode.Local_MaxPollExceeded || Failures.Passes(failed.Error.Code))
            {
                // The group went on without this member, and what it lost comes with the next event; or librdkafka asks again by itself.
            }
            catch (KafkaException failed)
            {
                throw Translate(failed);
            }
        }
        while (!_assignmentChanged && Librdkafka.QueueLength(_events) > 0);
    }

    private LogException Translate(KafkaException failed)
    {
        var error = _fatal ?? failed.Error;
        if (Failures.IsFence(error))
            return new LogFencedException($"{_name} of group {_group} was replaced by another member of that name ({error.Reason})");
        if (error.Code == ErrorCode.UnknownTopicOrPart && _cluster.Missing(_topics) is { } missing)
            return missing;
        if (error.Code == ErrorCode.GroupAuthorizationFailed)
            return new LogException($"group {_group} cannot be joined: {Failures.Lacking("Read", $"--group {_group}")}", failed);
        return Failures.Failed($"{_name}{(_group is null ? "" : $" of group {_group}")} cannot read on", error, null, failed);
    }

    private void OnError(Error error)
    {
        if (error.IsFatal)
            _fatal = error;
        else
            _connection.OnError(error);
    }

    /// <summary>
    /// Where each starts is said here: at the group's committed offset, else at the first record; never where a reset would put it. It answers
    /// whatever happens, for librdkafka waits for an answer even when it is closed; a failure is thrown by the poll.
    /// </summary>
    private List<TopicPartitionOffset> OnAssigned(List<Confluent.Kafka.TopicPartition> partitions)
    {
        List<TopicPartition> assigned = [.. partitions.Select(Cluster.FromKafka)];
        _assignmentChanged |= assigned.Count > 0;
        if (_disposed)
            return [.. partitions.Select(partition => new TopicPartitionOffset(partition, Offset.End))];
        return Open(assigned, Starts(assigned));
    }

    private long[] Starts(List<TopicPartition> partitions)
    {
        try
        {
            _watch!.OnDealtOut(_client.MemberId);
            var starts = _cluster.BeginOffsets(partitions);
            return [.. starts.Zip(_offsetLog!.Confirm(partitions, () => Committed(partitions)), (begin, next) => Math.Max(begin, next ?? 0))];
        }
        catch (LogException failed)
        {
            _failure = failed;
            return [.. partitions.Select(_ => Offset.End.Value)];
        }
    }

    /// <summary>What holds them up for longer than a commit takes may be of a member that has gone.</summary>
    private long?[] Committed(List<TopicPartition> partitions)
    {
        try
        {
            return _cluster.Committed(_group!, partitions, GroupWatch.GoneAfter);
        }
        catch (LogException)
        {
            _watch!.EndTransactions();
            return _cluster.Committed(_group!, partitions, _options.CallTimeout);
        }
    }

    private void OnRevoked(List<TopicPartitionOffset> partitions)
    {
        var lost = partitions.Select(partition => Cluster.FromKafka(partition.TopicPartition)).ToHashSet();
        Drop(feed => lost.Contains(feed.Source));
        _assignmentChanged = true;
    }

    private List<TopicPartitionOffset> Open(IReadOnlyCollection<TopicPartition> partitions, long[] starts)
    {
        var offsets = new List<TopicPartitionOffset>();
        foreach (var (partition, start) in partitions.Zip(starts))
        {
            _feeds.Add(new PartitionFeed(_handle, partition, start, _wakeup));
            offsets.Add(new TopicPartitionOffset(Cluster.ToKafka(partition), start));
        }

        _feeds.Sort((left, right) => left.Source.CompareTo(right.Source));
        _assignment = [.. _feeds.Select(feed => feed.Source)];
        return offsets;
    }

    private void Drop(Func<PartitionFeed, bool> isLost)
    {
        foreach (var feed in _feeds.Where(isLost).ToList())
        {
            _feeds.Remove(feed);
            feed.Dispose();
        }

        _assignment = [.. _feeds.Select(feed => feed.Source)];
        _turn = 0;
    }

    private PartitionFeed Find(TopicPartition partition) => _feeds.Find(feed => feed.Source == partition)
        ?? throw new LogException($"{partition} is not assigned to {_name}");
}
