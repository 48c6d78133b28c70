using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

internal static partial class KafkaLogMessages
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka client {Client}: {Facility}: {Text}")]
    public static partial void Librdkafka(this ILogger logger, string client, string facility, string text);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka client {Client}: {Facility}: {Text} (and {More} like it since the last one told)")]
    public static partial void LibrdkafkaAgain(this ILogger logger, string client, string facility, string text, int more);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: retention has taken the records from offset {From} up to {Begin} before they were read; going on at {Begin}")]
    public static partial void Skipped(this ILogger logger, TopicPartition source, long from, long begin);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Member} of group {Group}: nobody has {Partitions}, so it joins anew")]
    public static partial void Unowned(this ILogger logger, string member, string group, string partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transactional id {Id}: a broker went down, or was cut off, on its last {End}, which may not have come to {Partitions}: ending it there (KAFKA-20734)")]
    public static partial void Settles(this ILogger logger, string id, string end, string partitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transactional id {Id}: whether its last transaction has ended everywhere cannot be seen: {Reason}")]
    public static partial void CannotSettle(this ILogger logger, string id, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Group {Group}: the broker answers offset {Answered} for {Partition}, its log has {Written} (a load after a kill that went wrong): going on at {Written}; restart that broker in good order, for other groups too")]
    public static partial void Forgotten(this ILogger logger, string group, TopicPartition partition, long? answered, long? written);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Group {Group}: whether the broker remembers all that was committed cannot be seen: {Reason}")]
    public static partial void CannotConfirm(this ILogger logger, string group, string reason);
}
