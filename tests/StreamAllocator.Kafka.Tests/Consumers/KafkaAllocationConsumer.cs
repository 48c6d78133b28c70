using System.Globalization;
using Confluent.Kafka;
using StreamAllocator.Schemas;

namespace Billing;

/// <summary>
/// Prints every resize, read from Kafka with the plain client. Started again, it goes on where its group had stopped; of several at once, each
/// has its share of the partitions.
/// </summary>
public sealed class KafkaAllocationConsumer(string servers, string topic, string group, TextWriter output)
{
    public void Follow(CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig
        {
            BootstrapServers = servers,
            GroupId = group,
            IsolationLevel = IsolationLevel.ReadCommitted, // What an aborted transaction wrote never happened.
            AutoOffsetReset = AutoOffsetReset.Earliest, // A group that is new begins with the newest record of every VM.
            EnableAutoOffsetStore = false, // An offset is committed once it is stored, every few seconds and before a partition is given away.
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky, // Who keeps a partition reads on while others move.
        }).Build();
        consumer.Subscribe(topic);
        try
        {
            while (true)
            {
                var record = consumer.Consume(stop);
                Print(record.Message);
                consumer.StoreOffset(record); // After the work: what a crash interrupts is done again, never skipped.
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            consumer.Close(); // Commits what is stored, and the others have the partitions at once.
        }
    }

    private void Print(Message<string, byte[]> message)
    {
        var known = message.Headers.TryGetLastBytes("schema", out var schema) && schema.AsSpan().SequenceEqual("streamallocator.v1.Allocation"u8);
        if (!known || message.Value is null)
            return; // Another message that came to this topic later, or the mark of a VM that is gone.

        var allocation = Allocation.Parser.ParseFrom(message.Value);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(allocation.ObservedMs).UtcDateTime;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{at:yyyy-MM-ddTHH:mm:ssZ} {allocation.VmId} has {allocation.Observed.CpuCores} cores, {allocation.Observed.MemoryGib} GiB: {allocation.Outcome}"));
    }
}
