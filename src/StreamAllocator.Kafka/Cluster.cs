using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>
/// What the cluster is asked without reading or writing records: topics, offsets, commits of groups. Thread-safe; each call waits for the answer.
/// Groups are not asked about by the admin API: where a connection breaks under such a question to a coordinator, librdkafka ends the whole process
/// (its issue 4605: "eonce-&gt;refcnt &gt; 0").
/// </summary>
internal sealed class Cluster : IDisposable
{
    /// <summary>Where groups keep their offsets.</summary>
    public const string OffsetsTopic = "__consumer_offsets";

    /// <summary>What a coordinator calls a group whose members all have their assignment.</summary>
    private const string AtRest = "Stable";

    private static readonly TimeSpan ConnectCheck = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(20);

    private readonly KafkaLogOptions _options;
    private readonly ConnectionState _connection;
    private readonly IAdminClient _admin;
    private readonly ConcurrentDictionary<string, Lazy<IConsumer<byte[], byte[]>>> _groups = new(StringComparer.Ordinal);

    /// <exception cref="LogException">No broker answers, or it refuses this client.</exception>
    public Cluster(KafkaLogOptions options, ConnectionState connection)
    {
        _options = options;
        _connection = connection;
        try
        {
            _admin = new AdminClientBuilder(ClientSettings.Admin(options))
                .SetErrorHandler((_, error) => connection.OnError(error))
                .SetLogHandler((_, message) => connection.OnLog(message))
                .Build();
        }
        catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
        {
            throw new LogException($"Kafka at {options.BootstrapServers}: {refused.Message}", refused);
        }

        try
        {
            Connect();
        }
        catch
        {
            _admin.Dispose();
            throw;
        }
    }

    /// <summary>Number of partitions of every topic but Kafka's own.</summary>
    public SortedDictionary<string, int> Partitions() => Ask("the topics could not be listed", () =>
    {
        var partitions = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in _admin.GetMetadata(_options.CallTimeout).Topics)
        {
            if (!topic.Error.IsError && !topic.Topic.StartsWith("__", StringComparison.Ordinal))
                partitions.Add(topic.Topic, topic.Partitions.Count);
        }

        return partitions;
    });

    /// <summary>The first of them that does not exist, as what to throw; null where all do.</summary>
    public LogException? Missing(IReadOnlyCollection<string> topics)
    {
        var existing = Partitions();
        return topics.FirstOrDefault(topic => !existing.ContainsKey(topic)) is { } missing ? Failures.Missing(missing, _options) : null;
    }

    /// <summary>Of one topic, which may be one of Kafka's own.</summary>
    public int PartitionCount(string topic) => Ask($"topic {topic} could not be looked up", () =>
    {
        var described = _admin.GetMetadata(topic, _options.CallTimeout).Topics[0];
        return described.Error.IsError ? throw new KafkaException(described.Error) : described.Partitions.Count;
    });

    public void Create(IReadOnlyCollection<TopicSpec> topics)
    {
        foreach (var topic in topics)
            topic.Validate();
        var existing = Partitions();
        foreach (var topic in topics)
        {
            if (existing.TryGetValue(topic.Name, out var partitions) && partitions != topic.Partitions)
                throw new LogException($"topic {topic.Name} has {partitions} partitions, {topic.Partitions} were asked for");
        }

        var missing = topics.Where(topic => !existing.ContainsKey(topic.Name)).ToList();
        if (missing.Count == 0)
            return;
        try
        {
            Ask($"topics could not be created ({string.Join(", ", missing.Select(topic => topic.Name))})", () =>
            {
                var wait = new CreateTopicsOptions { OperationTimeout = _options.CallTimeout, RequestTimeout = _options.CallTimeout };
                _admin.CreateTopicsAsync(missing.Select(TopicSettings.Specification), wait).GetAwaiter().GetResult();
                return true;
            });
        }
        catch (LogException failed) when (failed.InnerException is CreateTopicsException { Results: var results }
            && results.TrueForAll(result => result.Error.Code is ErrorCode.NoError or ErrorCode.TopicAlreadyExists))
        {
            // Another process was faster.
        }

        AwaitLeaders(missing);
    }

    public void AddPartitions(string topic, int partitions)
    {
        if (!Partitions().TryGetValue(topic, out var there))
            throw Failures.Missing(topic, _options);
        if (partitions < there)
            throw new LogException($"topic {topic} has {there} partitions, {partitions} were asked for: partitions cannot be taken away");
        if (partitions == there)
            return;
        var added = new PartitionsSpecification { Topic = topic, IncreaseTo = partitions };
        var wait = new CreatePartitionsOptions { OperationTimeout = _options.CallTimeout, RequestTimeout = _options.CallTimeout };
        Ask($"topic {topic} could not be given {partitions} partitions", () =>
        {
            _admin.CreatePartitionsAsync([added], wait).GetAwaiter().GetResult();
            return true;
        });
        AwaitLeaders([new TopicSpec(topic, partitions)]);
    }

    public IReadOnlyList<TopicSpec> Topics()
    {
        var partitions = Partitions();
        if (partitions.Count == 0)
            return [];
        var described = Ask("the topics' settings could not be read", () => _admin.DescribeConfigsAsync(
            partitions.Keys.Select(name => new ConfigResource { Type = ResourceType.Topic, Name = name }),
            new DescribeConfigsOptions { RequestTimeout = _options.CallTimeout }).GetAwaiter().GetResult());
        return [.. described
            .Select(topic => TopicSettings.Spec(topic.ConfigResource.Name, partitions[topic.ConfigResource.Name], topic.Entries))
            .OrderBy(topic => topic.Name, StringComparer.Ordinal)];
    }

    /// <summary>The committed offset of each partition, or null; waits until no transaction that moves one is under way.</summary>
    /// <param name="wait">For how long.</param>
    public long?[] Committed(string group, IReadOnlyCollection<TopicPartition> partitions, TimeSpan wait)
    {
        if (partitions.Count == 0)
            return [];
        var asker = _groups.GetOrAdd(group, _ => new Lazy<IConsumer<byte[], byte[]>>(() => OpenAsker(group))).Value;
        List<TopicPartitionOffset> answer;
        try
        {
            answer = Ask($"the offsets of group {group} could not be read", () => asker.Committed(partitions.Select(ToKafka), wait), wait);
        }
        catch (LogException failed) when (failed.InnerException is KafkaException { Error.Code: ErrorCode.Local_TimedOut } late)
        {
            // librdkafka asks again by itself while they are unstable, and does not say so.
            throw new LogException(
                $"{failed.Message}; where the broker is well, a transaction that it does not end holds them up ('kafka-transactions.sh find-hanging' names it, 'abort' ends it)", late);
        }

        return InOrder(partitions, answer.Select(offset => new TopicPartitionOffsetError(offset.TopicPartition, offset.Offset, null)),
            offset => offset.Offset.Value < 0 ? (long?)null : offset.Offset.Value);
    }

    /// <summary>Names of its members; empty for a group that does not exist.</summary>
    public IReadOnlyList<string> Members(string group) => [.. Describe(group)?.Members.Select(member => GroupMember.Of(member).Name) ?? []];

    /// <summary>Partitions of some topics that no member of a group has; null while the group is dealing them out, or where it does not exist.</summary>
    public IReadOnlyList<TopicPartition>? Unowned(string group, IReadOnlyCollection<string> topics)
    {
        if (Describe(group) is not { State: AtRest } found)
            return null;
        var owned = found.Members.SelectMany(member => GroupMember.Of(member).Assignment).ToHashSet();
        var partitions = Partitions();
        return
        [
            .. topics.Where(partitions.ContainsKey)
                .SelectMany(topic => Enumerable.Range(0, partitions[topic]).Select(partition => new TopicPartition(topic, partition)))
                .Where(partition => !owned.Contains(partition)),
        ];
    }

    public long[] BeginOffsets(IReadOnlyCollection<TopicPartition> partitions) => Offsets(partitions, OffsetSpec.Earliest());

    /// <param name="isolation">Committed: at the first transaction under way, where there is one.</param>
    public long EndOffset(TopicPartition partition, IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        Offsets([partition], OffsetSpec.Latest(), isolation)[0];

    /// <summary>
    /// Where a record of that event time may first be: the broker also finds the marks that end transactions, which have the time of its clock.
    /// </summary>
    public long FirstCandidate(TopicPartition partition, EventTime time)
    {
        if (Timestamps.Of(time) < 0)
            return BeginOffsets([partition])[0];
        var found = Offsets([partition], OffsetSpec.ForTimestamp(time.UnixMilliseconds))[0];
        return found < 0 ? EndOffset(partition) : found;
    }

    /// <summary>A consumer that speaks for a group and never joins it: it asks for what was committed, and waits for transactions under way, as it reads committed records only.</summary>
    public IConsumer<byte[], byte[]> OpenAsker(string group) => new ConsumerBuilder<byte[], byte[]>(ClientSettings.Consumer(_options, group, null))
        .SetErrorHandler((_, error) => _connection.OnError(error))
        .SetLogHandler((_, message) => _connection.OnLog(message))
        .Build();

    public void Dispose()
    {
        foreach (var asker in _groups.Values.Where(asker => asker.IsValueCreated))
            asker.Value.Dispose();
        _admin.Dispose();
    }

    internal static Confluent.Kafka.TopicPartition ToKafka(TopicPartition partition) => new(partition.Topic, partition.Partition);

    internal static TopicPartition FromKafka(Confluent.Kafka.TopicPartition partition) => new(partition.Topic, partition.Partition.Value);

    /// <summary>What an exception is about: those of the admin client carry an error for each thing asked.</summary>
    internal static Error Reported(KafkaException failed) => failed switch
    {
        CreateTopicsException create => create.Results.First(result => result.Error.IsError).Error,
        CreatePartitionsException create => create.Results.First(result => result.Error.IsError).Error,
        DescribeConfigsException describe => describe.Results.First(result => result.Error.IsError).Error,
        ListOffsetsException list => list.Result.ResultInfos.First(info => info.TopicPartitionOffsetError.Error.IsError).TopicPartitionOffsetError.Error,
        TopicPartitionOffsetException offsets => offsets.Results.First(partition => partition.Error.IsError).Error,
        _ => failed.Error,
    };

    private long[] Offsets(
        IReadOnlyCollection<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        if (partitions.Count == 0)
            return [];
        var asked = partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = ToKafka(partition), OffsetSpec = spec }).ToList();
        var options = new ListOffsetsOptions { IsolationLevel = isolation, RequestTimeout = _options.CallTimeout };
        var answer = Ask($"the offsets of {string.Join(", ", partitions)} could not be read", () =>
        {
            try
            {
                var listed = _admin.ListOffsetsAsync(asked, options).GetAwaiter().GetResult().ResultInfos.ConvertAll(info => info.TopicPartitionOffsetError);

                // Where the connection broke under the question, librdkafka's answer may have no error, and no offset either.
                return listed.Exists(offset => offset.Offset == Offset.Unset) ? throw new KafkaException(ErrorCode.Local_Transport) : listed;
            }
            catch (KafkaException noLeaders) when (Reported(noLeaders).Code is ErrorCode.Local_NoEnt or ErrorCode.UnknownTopicOrPart)
            {
                // They are being elected, unless there is nothing to be elected for.
                var existing = Partitions();
                if (partitions.FirstOrDefault(partition => partition.Partition >= existing.GetValueOrDefault(partition.Topic)) is { Topic: not null } missing)
                    throw new LogException(Failures.Missing(missing, existing, _options).Message, noLeaders);
                throw;
            }
        });
        return InOrder(partitions, answer, offset => offset.Offset.Value);
    }

    private GroupInfo? Describe(string group) => Ask($"the members of group {group} could not be listed", () =>
    {
        var listed = _admin.ListGroup(group, _options.CallTimeout);
        return listed?.Error is { IsError: true, Code: not ErrorCode.GroupIdNotFound } error ? throw new KafkaException(error) : listed;
    });

    private static T[] InOrder<T>(
        IReadOnlyCollection<TopicPartition> asked, IEnumerable<TopicPartitionOffsetError> answers, Func<TopicPartitionOffsetError, T> value)
    {
        var byPartition = answers.ToDictionary(answer => FromKafka(answer.TopicPartition));
        return [.. asked.Select(partition => value(byPartition[partition]))];
    }

    /// <summary>The same question again while the answer is one that passes: a leader is being elected, a transaction is ending.</summary>
    private T Ask<T>(string failing, Func<T> question, TimeSpan? wait = null)
    {
        var deadline = new Deadline(wait ?? _options.CallTimeout);
        while (true)
        {
            try
            {
                return question();
            }
            catch (KafkaException failed)
            {
                var error = Reported(failed);
                if (!Failures.Passes(error.Code) || deadline.HasPassed)
                    throw Failures.Failed($"Kafka at {_options.BootstrapServers}: {failing}", error, _connection.Last, failed);
                Thread.Sleep(RetryEvery);
                if (Failures.IsOfLeaders(error.Code))
                    LookUpLeaders();
            }
        }
    }

    /// <summary>librdkafka would ask with the leaders and epochs that it knows for minutes, and be refused.</summary>
    private void LookUpLeaders()
    {
        try
        {
            _admin.GetMetadata(_options.CallTimeout);
        }
        catch (KafkaException)
        {
            // The question fails in the same way.
        }
    }

    private void Connect()
    {
        var deadline = new Deadline(_options.CallTimeout);
        while (true)
        {
            try
            {
                _admin.GetMetadata(ConnectCheck);
                return;
            }
            catch (KafkaException failed)
            {
                if (_connection.Last is { } cause && Failures.IsConfiguration(cause))
                    throw Failures.Failed($"Kafka at {_options.BootstrapServers} refuses this client", cause, null, failed);
                if (deadline.HasPassed)
                    throw Failures.Failed($"Kafka at {_options.BootstrapServers} does not answer", failed.Error, _connection.Last, failed);
            }
        }
    }

    private void AwaitLeaders(List<TopicSpec> topics)
    {
        var deadline = new Deadline(_options.CallTimeout);
        while (true)
        {
            var led = Ask("the topics could not be listed", () => _admin.GetMetadata(_options.CallTimeout)).Topics
                .Where(topic => topic.Partitions.TrueForAll(partition => partition.Leader >= 0))
                .ToDictionary(topic => topic.Topic, topic => topic.Partitions.Count);
            var waiting = topics.Find(topic => led.GetValueOrDefault(topic.Name) < topic.Partitions);
            if (waiting is null)
                return;
            if (deadline.HasPassed)
                throw new LogException($"topic {waiting.Name} was created, but its partitions have no leader after {_options.CallTimeout}");
            Thread.Sleep(RetryEvery);
        }
    }
}
