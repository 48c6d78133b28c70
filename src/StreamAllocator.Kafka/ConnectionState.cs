using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>The last that a client's connections reported: a call that times out does not say why by itself.</summary>
internal sealed class ConnectionState(ILogger logger)
{
    private volatile Error? _last;

    /// <summary>Null as long as nothing was reported.</summary>
    public Error? Last => _last;

    public void OnError(Error error)
    {
        // "All brokers are down" comes after what explains it.
        if (error.Code != ErrorCode.Local_AllBrokersDown || _last is null)
            _last = error;
    }

    public void Skipped(TopicPartition source, long from, long begin) => logger.Skipped(source, from, begin);

    public void Settles(string transactionalId, UnmarkedEnd left) =>
        logger.Settles(transactionalId, left.IsCommit ? "commit" : "abort", string.Join(", ", left.Partitions));

    public void CannotSettle(string transactionalId, LogException unreadable) => logger.CannotSettle(transactionalId, unreadable.Message);

    public void OnLog(LogMessage message)
    {
        if (message.Level <= SyslogLevel.Warning)
            logger.Librdkafka(message.Name, message.Facility, message.Message);
    }
}
