using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using StreamAllocator.Kafka;
using StreamAllocator.Kafka.Native;
using TopicPartition = StreamAllocator.Pipeline.Logs.TopicPartition;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>
/// What is left if everything of ours is taken away: the same client with the same settings takes the records and looks at none, sends one of 80
/// bytes for each ten, and commits in transactions. No program that uses this client can do with less.
/// </summary>
internal static unsafe class ClientFloor
{
    private const int RecordsPerResult = 10;

    public static void Run(PeerFlags flags, PeerMeter meter, KafkaLogOptions options)
    {
        var stop = false;
        var failure = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            try
            {
                Loop(flags, meter, options, ref stop);
            }
            catch (Exception failed)
            {
                Console.Error.WriteLine(failed);
                failure.SetException(failed);
            }
        });
        thread.Start();
        meter.AwaitDone(failure.Task);
        Volatile.Write(ref stop, true);
        thread.Join();
    }

    private static void Loop(PeerFlags flags, PeerMeter meter, KafkaLogOptions options, ref bool stop)
    {
        var connection = new ConnectionState(NullLogger.Instance);
        using var cluster = new Cluster(options, connection);
        var partitions = Enumerable.Range(0, cluster.Partitions()[flags.In]).Select(partition => new TopicPartition(flags.In, partition)).ToList();
        using var consumer = new ConsumerBuilder<byte[], byte[]>(ClientSettings.Consumer(options, flags.App, "floor")).Build();
        using var producer = new ProducerBuilder<byte[], byte[]>(ClientSettings.Producer(options, flags.App)).Build();
        producer.InitTransactions(options.CallTimeout);
        var (reading, writing) = (Librdkafka.Client(consumer), Librdkafka.Client(producer));
        using var wakeup = new Wakeup();
        var queues = partitions.ConvertAll(partition => Open(reading, partition, wakeup));
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(Cluster.ToKafka(partition), Offset.Beginning)));
        var topic = Librdkafka.Topic(writing, flags.Out, 0);
        var next = new long[partitions.Count];
        var value = stackalloc byte[80];
        var messages = stackalloc Message*[1024];
        var inTransaction = false;
        var committed = Stopwatch.GetTimestamp();
        while (!Volatile.Read(ref stop))
        {
            var taken = 0;
            for (var at = 0; at < queues.Count; at++)
            {
                var count = (int)Librdkafka.ConsumeBatch(queues[at], 0, messages, 1000);
                for (var i = 0; i < count; i++)
                {
                    if (messages[i]->Error == 0)
                    {
                        taken++;
                        next[at] = messages[i]->Offset + 1;
                        if (next[at] % RecordsPerResult == 0)
                        {
                            if (!inTransaction)
                                producer.BeginTransaction();
                            inTransaction = true;
                            Produce(writing, topic, at, messages[i], value);
                            Interlocked.Increment(ref meter.Out);
                        }
                    }

                    Librdkafka.Release(messages[i]);
                }
            }

            Interlocked.Add(ref meter.In, taken);
            if (inTransaction && (taken == 0 || Stopwatch.GetElapsedTime(committed) > flags.CommitEvery))
            {
                var offsets = partitions.Select((partition, at) => new TopicPartitionOffset(Cluster.ToKafka(partition), next[at]));
                producer.SendOffsetsToTransaction(offsets, consumer.ConsumerGroupMetadata, options.CallTimeout);
                producer.CommitTransaction(options.CallTimeout);
                inTransaction = false;
                committed = Stopwatch.GetTimestamp();
            }
            else if (taken == 0)
            {
                consumer.Consume(TimeSpan.Zero);
                wakeup.Wait(TimeSpan.FromMilliseconds(100));
            }
        }

        queues.ForEach(Wakeup.Ignore);
        queues.ForEach(Librdkafka.ReleaseQueue);
        Librdkafka.ReleaseTopic(topic);
    }

    private static nint Open(nint client, TopicPartition partition, Wakeup wakeup)
    {
        var queue = Librdkafka.PartitionQueue(client, partition.Topic, partition.Partition);
        Librdkafka.Forward(queue, 0);
        wakeup.ListenTo(queue);
        return queue;
    }

    private static void Produce(nint client, nint topic, int partition, Message* of, byte* value)
    {
        var arguments = stackalloc ProduceArgument[]
        {
            ProduceArgument.Topic(topic),
            ProduceArgument.Partition(partition),
            ProduceArgument.Flags(Librdkafka.CopyAndBlock),
            ProduceArgument.Key(of->Key, (int)of->KeyLength),
            ProduceArgument.Value(value, 80),
        };
        if (Librdkafka.Produce(client, arguments, 5) != 0)
            throw new InvalidOperationException("librdkafka did not take a record");
    }
}
