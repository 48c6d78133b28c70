using StreamAllocator.Kafka.Native;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Kafka;

/// <summary>
/// One assigned partition: its own queue in librdkafka, which the fetcher fills in the background. Taken in batches, so that partitions can
/// take turns and a record costs no object. Belongs to the consumer's thread.
/// </summary>
internal sealed unsafe class PartitionFeed : IDisposable
{
    /// <summary>Big records end a batch early: 16 MiB.</summary>
    private const int LongestBatchBytes = 16 << 20;

    private readonly nint _queue;
    private (int Code, string Text)? _failure;

    /// <summary>Opened before the partition is assigned, or its first records would go to the consumer's common queue.</summary>
    public PartitionFeed(nint client, TopicPartition source, long start, Wakeup wakeup)
    {
        Source = source;
        Next = start;
        _queue = Librdkafka.PartitionQueue(client, source.Topic, source.Partition);
        Librdkafka.Forward(_queue, 0);
        wakeup.ListenTo(_queue);
    }

    public TopicPartition Source { get; }

    public bool Paused { get; set; }

    /// <summary>Everything before this offset has been taken, or is a gap.</summary>
    public long Next { get; private set; }

    /// <summary>The broker had nothing more when it was last asked.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>After a seek: what was fetched before it has been dropped.</summary>
    public void GoTo(long offset) => (Next, IsAtEnd, _failure) = (offset, false, null);

    /// <summary>What came in place of a record, after those taken; the partition gives nothing more until it is sought.</summary>
    public (int Code, string Text)? Failure => _failure;

    /// <summary>Takes what is there, up to <paramref name="maxRecords"/>; false if nothing is.</summary>
    /// <param name="places">Room for pointers; reused.</param>
    public bool Take(RecordBatch batch, int maxRecords, nint[] places)
    {
        batch.Reset(Source);
        fixed (nint* messages = places)
        {
            while (batch.Count < maxRecords && batch.ByteCount < LongestBatchBytes && _failure is null)
            {
                var asked = Math.Min(maxRecords - batch.Count, places.Length);
                var taken = (int)Librdkafka.ConsumeBatch(_queue, 0, (Message**)messages, (nuint)asked);
                for (var i = 0; i < taken; i++)
                {
                    var message = (Message*)messages[i];
                    Read(message, batch);
                    Librdkafka.Release(message);
                }

                if (taken < asked)
                    break;
            }
        }

        return batch.Count > 0;
    }

    public void Dispose()
    {
        Wakeup.Ignore(_queue);
        Librdkafka.ReleaseQueue(_queue);
    }

    private void Read(Message* message, RecordBatch batch)
    {
        switch (message->Error)
        {
            case 0:
                if (!Filler.Is(message))
                {
                    int kind;
                    var time = Librdkafka.Timestamp(message, &kind);
                    batch.Append(message->Offset, Timestamps.ToEventTime(time), message->KeyBytes, HeaderBytes.Of(message), message->PayloadBytes);
                }

                Next = message->Offset + 1;
                IsAtEnd = false;
                break;
            case Librdkafka.PartitionEof:
                Next = message->Offset;
                IsAtEnd = true;
                break;
            default:
                _failure = (message->Error, System.Text.Encoding.UTF8.GetString(message->PayloadBytes));
                break;
        }
    }
}
