using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Kafka;

/// <summary>The last that a client's connections reported: a call that times out does not say why by itself.</summary>
internal sealed class ConnectionState(ILogger logger)
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (Deadline? Quiet, int Kept)> _told = new(StringComparer.Ordinal);
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

    public void Unowned(string member, string group, IReadOnlyList<TopicPartition> unowned) => logger.Unowned(member, group, string.Join(", ", unowned));

    public void Settles(string transactionalId, UnmarkedEnd left) =>
        logger.Settles(transactionalId, left.IsCommit ? "commit" : "abort", string.Join(", ", left.Partitions));

    public void Forgotten(string group, TopicPartition partition, long? answered, long? written) => logger.Forgotten(group, partition, answered, written);

    public void CannotConfirm(string group, LogException unreadable) => logger.CannotConfirm(group, unreadable.Message);

    public void CannotSettle(string transactionalId, LogException unreadable) => logger.CannotSettle(transactionalId, unreadable.Message);

    /// <summary>The same trouble is told by every client and every attempt: of each kind one message a minute is handed on, the others are counted.</summary>
    public void OnLog(LogMessage message)
    {
        if (message.Level > SyslogLevel.Warning)
            return;
        int more;
        lock (_told)
        {
            var (quiet, kept) = _told.GetValueOrDefault(message.Facility);
            more = kept;
            if (quiet is not null && !quiet.Value.HasPassed)
            {
                _told[message.Facility] = (quiet, kept + 1);
                return;
            }

            _told[message.Facility] = (new Deadline(TellEvery), 0);
        }

        if (more == 0)
            logger.Librdkafka(message.Name, message.Facility, message.Message);
        else
            logger.LibrdkafkaAgain(message.Name, message.Facility, message.Message, more);
    }
}
