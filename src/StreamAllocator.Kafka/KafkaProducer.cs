using Confluent.Kafka;
using StreamAllocator.Kafka.Native;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>A transactional producer. Records go to librdkafka out of the batch's spans, and from there in the background.</summary>
internal sealed unsafe class KafkaProducer : ILogProducer
{
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A call that is resumed with next to no time is taken for given up: librdkafka forgets that it was a commit, and ends the process when the answer
    /// to that comes after all ("Invalid transaction state transition").
    /// </summary>
    private static readonly TimeSpan ShortestResumption = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly KafkaLogOptions _options;
    private readonly ConnectionState _connection;
    private readonly string _id;
    private readonly IProducer<byte[], byte[]> _client;
    private readonly nint _handle;
    private readonly Dictionary<string, (nint Topic, int Partitions)> _topics = new(StringComparer.Ordinal);
    private volatile bool _wasCutOff;
    private bool _inTransaction;
    private bool _disposed;

    /// <summary>Fences earlier producers of the id; once open, none of their transactions is under way.</summary>
    public KafkaProducer(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string id)
    {
        _cluster = cluster;
        _options = options;
        _connection = connection;
        _id = id;
        _client = new ProducerBuilder<byte[], byte[]>(ClientSettings.Producer(options, id))
            .SetErrorHandler((_, error) => connection.OnError(error))
            .SetLogHandler((_, message) => OnLog(message))
            .Build();
        _handle = Librdkafka.Client(_client);
        try
        {
            Retry(wait => _client.InitTransactions(wait));
            Settle();
        }
        catch (KafkaException failed)
        {
            _client.Dispose();
            throw Failed("could not be opened", failed);
        }
        catch (LogException)
        {
            _client.Dispose();
            throw;
        }
    }

    public void Send(OutputBatch outputs)
    {
        if (outputs.Count == 0)
            return;
        Begin();
        for (var i = 0; i < outputs.Count; i++)
            Produce(outputs.Target(i), outputs[i]);
    }

    public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets)
    {
        if (offsets.Count > 0 && NotOwned(consumer!, offsets) is { } lost)
        {
            Abort();
            throw new LogFencedException($"{lost} is no longer assigned to the member on whose behalf {_id} commits: nothing was committed");
        }

        if (offsets.Count == 0 && !_inTransaction)
            return;
        Begin();
        if (offsets.Count > 0)
            SendOffsets((KafkaConsumer)consumer!, offsets);
        if (_wasCutOff)
            SettleWithin();
        Commit();
    }

    public void Abort()
    {
        if (!_inTransaction)
            return;
        try
        {
            End(isCommit: false);
        }
        catch (KafkaException failed)
        {
            throw Unusable("could not abort a transaction", failed);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            if (_inTransaction)
                _client.AbortTransaction(LongestFarewell);
        }
        catch (KafkaException)
        {
            // The next producer of the id, or the transaction timeout, aborts it.
        }

        foreach (var (topic, _) in _topics.Values)
            Librdkafka.ReleaseTopic(topic);
        _client.Dispose();
    }

    /// <summary>Brokers that go away are told in the log at once, as errors only to who polls.</summary>
    private void OnLog(LogMessage message)
    {
        _wasCutOff |= message.Facility == "FAIL";
        _connection.OnLog(message);
    }

    /// <summary>
    /// A commit is answered when it is decided. If a broker then went away, this transaction may stand on one that was not marked; committed, it
    /// takes that along, so it must be meant to.
    /// </summary>
    private void SettleWithin()
    {
        _wasCutOff = false;
        UnmarkedEnd? left;
        try
        {
            left = Unmarked();
            if (left is null)
                return;
            Reach(left);
        }
        catch (Exception failed) when (failed is KafkaException or LogException)
        {
            _wasCutOff = true;
            Abort();
            throw new LogException($"{_id}: what became of the transaction before could not be seen to: {failed.Message}; nothing was committed", failed);
        }

        if (left.IsCommit)
            return;
        Abort();
        throw new LogOutcomeUnknownException($"{_id}: the transaction before was not undone everywhere, so this one was undone with it");
    }

    private static TopicPartition? NotOwned(ILogConsumer consumer, IReadOnlyList<PartitionOffset> offsets)
    {
        for (var i = 0; i < offsets.Count; i++)
        {
            if (!consumer.Assignment.Contains(offsets[i].Partition))
                return offsets[i].Partition;
        }

        return null;
    }

    private void Begin()
    {
        if (_inTransaction)
            return;
        try
        {
            _client.BeginTransaction();
            _inTransaction = true;
        }
        catch (KafkaException failed)
        {
            throw Unusable("could not begin a transaction", failed);
        }
    }

    private void Produce(TopicPartition target, in LogRecord record)
    {
        // No key and no value are null to Kafka: on a compacted topic a record without a value removes its key.
        fixed (byte* key = record.Key, value = record.Value)
        {
            Produce(
                target,
                Timestamps.Of(record.Time),
                ProduceArgument.Key(key, record.Key.Length),
                ProduceArgument.Value(value, record.Value.Length),
                HeaderBytes.ToNative(record.Headers));
        }
    }

    /// <summary>A compacted topic wants a key, be it an empty one.</summary>
    private void ProduceFiller(TopicPartition target)
    {
        byte nothing;
        Produce(target, Timestamps.None, ProduceArgument.Key(&nothing, 0), ProduceArgument.Value(null, 0), Filler.NativeHeaders());
    }

    private void Produce(TopicPartition target, long timestamp, ProduceArgument key, ProduceArgument value, nint headers)
    {
        var arguments = stackalloc ProduceArgument[]
        {
            ProduceArgument.Topic(Topic(target)),
            ProduceArgument.Partition(target.Partition),
            ProduceArgument.Flags(Librdkafka.CopyAndBlock),
            ProduceArgument.Timestamp(timestamp),
            key,
            value,
            ProduceArgument.Headers(headers),
        };
        var error = Librdkafka.Produce(_handle, arguments, headers == 0 ? 6u : 7u);
        if (error == 0)
            return;
        if (headers != 0)
            Librdkafka.ReleaseHeaders(headers);
        var code = (ErrorCode)Librdkafka.ErrorCode(error);
        Librdkafka.ReleaseError(error);
        throw Refused($"a record for {target}", new KafkaException(new Error(code)));
    }

    /// <summary>Looked up once: an unknown one must not wait for a topic that somebody may create.</summary>
    private nint Topic(TopicPartition target)
    {
        if (!_topics.TryGetValue(target.Topic, out var known) || target.Partition >= known.Partitions)
        {
            var existing = _cluster.Partitions();
            if (!existing.TryGetValue(target.Topic, out var partitions) || target.Partition < 0 || target.Partition >= partitions)
                throw Failures.Missing(target, existing, _options);
            if (known.Topic != 0)
                Librdkafka.ReleaseTopic(known.Topic);
            _topics[target.Topic] = known = (Librdkafka.Topic(_handle, target.Topic, 0), partitions);
        }

        return known.Topic;
    }

    private void SendOffsets(KafkaConsumer consumer, IReadOnlyList<PartitionOffset> offsets)
    {
        try
        {
            var moved = offsets.Select(offset => new TopicPartitionOffset(Cluster.ToKafka(offset.Partition), offset.Next)).ToList();
            Retry(wait => _client.SendOffsetsToTransaction(moved, consumer.GroupMetadata, wait));
        }
        catch (KafkaException failed)
        {
            var refused = Refused("offsets", failed);
            throw failed.Error.Code == ErrorCode.UnknownTopicOrPart && _cluster.Missing([.. offsets.Select(offset => offset.Partition.Topic)]) is { } missing ? missing : refused;
        }
    }

    private void Commit()
    {
        try
        {
            End(isCommit: true);
        }
        catch (KafkaTxnRequiresAbortException failed)
        {
            throw Refused("a transaction", failed);
        }
        catch (KafkaException failed)
        {
            throw Unusable("could not commit", failed);
        }
    }

    /// <summary>Ends what an earlier transaction of the id may have left open, before anything is done on top of it.</summary>
    private void Settle()
    {
        if (Unmarked() is not { } left)
            return;
        _client.BeginTransaction();
        _inTransaction = true;
        Reach(left);
        End(left.IsCommit);
    }

    /// <summary>Has this transaction end in those partitions too.</summary>
    private void Reach(UnmarkedEnd left)
    {
        _connection.Settles(_id, left);
        foreach (var partition in left.Partitions)
        {
            if (partition.Topic == Cluster.OffsetsTopic)
                SendNobodysOffset(partition);
            else
                ProduceFiller(partition);
        }

        // An abort forgets what is still waiting to be sent.
        _client.Flush(_options.CallTimeout);
    }

    private void End(bool isCommit)
    {
        Retry(wait =>
        {
            if (isCommit)
                _client.CommitTransaction(wait);
            else
                _client.AbortTransaction(wait);
        });
        _inTransaction = false;
    }

    /// <summary>Where it is not allowed to look, or does not understand what it sees, it goes on as if all were well, and says so.</summary>
    private UnmarkedEnd? Unmarked()
    {
        try
        {
            return UnmarkedEnd.Find(_cluster, _options, _connection, _id);
        }
        catch (LogException unreadable) when (Failures.CannotBeSeen(unreadable))
        {
            _connection.CannotSettle(_id, unreadable);
            return null;
        }
    }

    /// <summary>The mark of this transaction's end comes to that partition of offsets with the offset of a group that is there for nothing else.</summary>
    private void SendNobodysOffset(TopicPartition offsets)
    {
        var count = _cluster.PartitionCount(Cluster.OffsetsTopic);
        var group = Enumerable.Range(0, int.MaxValue).Select(number => $"{_id}-settled-{number}").First(name => KafkaHash.Partition(name, count) == offsets.Partition);
        using var member = _cluster.OpenAsker(group);
        Retry(wait => _client.SendOffsetsToTransaction([new TopicPartitionOffset(Cluster.ToKafka(offsets), 0)], member.ConsumerGroupMetadata, wait));
    }

    /// <summary>Before the commit: nothing has been committed, and after an abort nothing is left of it.</summary>
    private LogException Refused(string what, KafkaException failed)
    {
        if (!failed.Error.IsFatal)
            Abort();
        if (failed.Error.Code == ErrorCode.IllegalGeneration)
            return new LogRebalancingException($"{_id}: Kafka refused {what}: {failed.Error.Reason}; nothing was committed");
        return Failures.IsFence(failed.Error)
            ? new LogFencedException($"{_id}: Kafka refused {what}: {failed.Error.Reason}; nothing was committed")
            : failed.Error.IsFatal ? Unusable($"could not hand over {what}", failed) : Failed($"could not hand over {what}", failed);
    }

    /// <summary>The transaction is neither known to be done nor known to be undone, or this producer has been fenced.</summary>
    private LogException Unusable(string what, KafkaException failed) => Failures.IsFence(failed.Error)
        ? new LogFencedException($"{_id} {what}: {failed.Error.Reason}; another producer has its name")
        : new LogOutcomeUnknownException($"{_id} {what}: {failed.Error.Reason}{(_connection.Last is { } cause ? $" ({cause.Reason})" : "")}", failed);

    private LogException Failed(string what, KafkaException failed) =>
        Failures.Failed($"Kafka at {_options.BootstrapServers}: producer {_id} {what}", failed.Error, _connection.Last, failed);

    /// <summary>The same call again while it may still succeed.</summary>
    private void Retry(Action<TimeSpan> call)
    {
        var deadline = new Deadline(_options.CallTimeout);
        while (true)
        {
            try
            {
                call(deadline.Left);
                return;
            }
            catch (KafkaRetriableException) when (deadline.Left > ShortestResumption && !(_connection.Last is { } cause && Failures.IsConfiguration(cause)))
            {
            }
        }
    }
}
