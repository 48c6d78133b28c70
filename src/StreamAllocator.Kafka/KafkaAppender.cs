using Confluent.Kafka;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>
/// An idempotent producer without transactions, one record under way at a time. It is for few records: each goes through the managed client. After a failure
/// the client is thrown away with all that it may still try, so that nothing old comes after something newer.
/// </summary>
internal sealed class KafkaAppender(Cluster cluster, KafkaLogOptions options, ConnectionState connection, string name) : ILogAppender
{
    private IProducer<byte[], byte[]>? _client;
    private string? _topic;
    private int _partitions;

    public void Append(
        string topic, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value, CancellationToken cancellationToken)
    {
        var partition = StableHash.Partition(key, Partitions(topic));
        var message = new Message<byte[], byte[]>
        {
            Key = key.ToArray(),
            Value = value.ToArray(),
            Headers = Headers(headers),
            Timestamp = Timestamps.Of(time) is var stamp and >= 0 ? new Timestamp(stamp, TimestampType.CreateTime) : Timestamp.Default,
        };
        var added = false;
        try
        {
            _client ??= Open();
            _client.ProduceAsync(new Confluent.Kafka.TopicPartition(topic, partition), message, cancellationToken).GetAwaiter().GetResult();
            added = true;
        }
        catch (KafkaException failed) when (failed.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            throw Missing(topic);
        }
        catch (KafkaException failed)
        {
            throw Failures.Failed($"Kafka at {options.BootstrapServers}: a record for {topic}/{partition} was not acknowledged", failed.Error, connection.Last, failed);
        }
        finally
        {
            if (!added)
                Dispose();
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _client = null;
        _topic = null;
    }

    private IProducer<byte[], byte[]> Open() => new ProducerBuilder<byte[], byte[]>(ClientSettings.Appender(options, name))
        .SetErrorHandler((_, error) => connection.OnError(error))
        .SetLogHandler((_, message) => connection.OnLog(message))
        .Build();

    /// <summary>Looked up in the list of all topics, since to ask for one may create it; and again after a failure, since it may have grown.</summary>
    private int Partitions(string topic)
    {
        if (_topic == topic)
            return _partitions;
        if (!cluster.Partitions().TryGetValue(topic, out _partitions))
            throw Missing(topic);
        _topic = topic;
        return _partitions;
    }

    private LogException Missing(string topic) => new(
        $"topic {topic} does not exist at {options.BootstrapServers}, or this client may not write to it: 'streamallocator topics create --log kafka:{options.BootstrapServers}' makes it, "
        + $"'kafka-acls.sh --add --allow-principal User:NAME --operation Write --topic {topic}' lets it");

    private static Headers Headers(ReadOnlySpan<byte> encoded)
    {
        var headers = new Headers();
        while (RecordHeaders.TryTake(ref encoded, out var header, out var value))
            headers.Add(System.Text.Encoding.UTF8.GetString(header), value.ToArray());
        return headers;
    }
}
