using Confluent.Kafka;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>What librdkafka reports, in the words of the log seam.</summary>
internal static class Failures
{
    /// <summary>Another member or producer has taken this one's place, or its partitions were given away.</summary>
    public static bool IsFence(Error error) => error.Code is
        ErrorCode.FencedInstanceId or ErrorCode.UnknownMemberId or
        ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch or ErrorCode.Local_Fenced;

    /// <summary>The same question may be answered a moment later.</summary>
    public static bool Passes(ErrorCode code) => code is
        ErrorCode.UnstableOffsetCommit or ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable or ErrorCode.OffsetNotAvailable or
        ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.ReplicaNotAvailable or ErrorCode.BrokerNotAvailable or
        ErrorCode.NetworkException or ErrorCode.Local_NoEnt or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_DestroyBroker or
        ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.GroupLoadInProgress or
        ErrorCode.Local_Transport or ErrorCode.Local_TimedOut or ErrorCode.Local_WaitCoord or ErrorCode.RequestTimedOut;

    /// <summary>Who asked knows partitions' leaders as they were.</summary>
    public static bool IsOfLeaders(ErrorCode code) => code is
        ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable or ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.Local_NoEnt;

    /// <summary>No use in waiting: the same will fail again until somebody mends the configuration.</summary>
    public static bool IsConfiguration(Error error) => error.Code is
        ErrorCode.Local_Authentication or ErrorCode.Local_Ssl or ErrorCode.SaslAuthenticationFailed or ErrorCode.UnsupportedSaslMechanism or
        ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or
        ErrorCode.TransactionalIdAuthorizationFailed or ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion;

    /// <summary>A coordinator's log may not be read, or says something that is not understood; what a later try may read is neither.</summary>
    public static bool CannotBeSeen(LogException unreadable) =>
        unreadable.InnerException is null || (unreadable.InnerException is KafkaException kafka && IsConfiguration(Cluster.Reported(kafka)));

    /// <param name="what">What was being done, as the start of a sentence.</param>
    /// <param name="cause">What the connections last reported, where that says more than the call's own error.</param>
    public static LogException Failed(string what, Error error, Error? cause, Exception inner)
    {
        if (error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed)
            what += $": {Lacking("All", "--topic, --group or --transactional-id NAME")}";
        var reason = cause is null || cause.Reason == error.Reason ? error.Reason : $"{error.Reason} ({cause.Reason})";
        return new LogException($"{what}: {reason}", inner);
    }

    /// <summary>What to do about an authorization that failed.</summary>
    public static string Lacking(string operation, string resource) =>
        $"this client's user lacks a right, which 'kafka-acls.sh --add --allow-principal User:NAME --operation {operation} {resource}' gives";

    /// <summary>That there is none, and what makes it.</summary>
    public static LogException Missing(string topic, KafkaLogOptions options) =>
        new($"topic {topic} does not exist at {options.BootstrapServers}: 'streamallocator topics create --log kafka:{options.BootstrapServers}' makes it");

    /// <param name="existing">Number of partitions of the topics that exist, but for Kafka's own.</param>
    public static LogException Missing(TopicPartition partition, IReadOnlyDictionary<string, int> existing, KafkaLogOptions options) =>
        existing.ContainsKey(partition.Topic) || partition.Topic.StartsWith("__", StringComparison.Ordinal) ? new LogException($"{partition} does not exist at {options.BootstrapServers}") : Missing(partition.Topic, options);

    /// <summary>About the place to go on: it lies before or behind what there is, or that could not be made sure of.</summary>
    public static bool IsPlace(int code) =>
        (ErrorCode)code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange or ErrorCode.Local_LogTruncation;

    /// <summary>An error in place of a record.</summary>
    public static LogException Unreadable(TopicPartition source, int code, string text, KafkaLogOptions options) => (ErrorCode)code switch
    {
        ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition => Missing(source.Topic, options),
        ErrorCode.TopicAuthorizationFailed => new LogException($"topic {source.Topic} cannot be read: {Lacking("Read", $"--topic {source.Topic}")}"),
        _ => new LogException($"{source} cannot be read: {text}"),
    };
}
