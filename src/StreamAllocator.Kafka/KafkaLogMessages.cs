using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

internal static partial class KafkaLogMessages
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka client {Client}: {Facility}: {Text}")]
    public static partial void Librdkafka(this ILogger logger, string client, string facility, string text);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source}: retention has taken the records from offset {From} up to {Begin} before they were read; going on at {Begin}")]
    public static partial void Skipped(this ILogger logger, TopicPartition source, long from, long begin);
}
