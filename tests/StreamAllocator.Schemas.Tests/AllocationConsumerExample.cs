using System.Globalization;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace Billing;

/// <summary>Prints every resize once it has been read back from the hypervisor; started again, it goes on where it had stopped.</summary>
public sealed class AllocationConsumerExample(IEventLog log, TextWriter output)
{
    /// <summary>Returns once nothing has come for so long.</summary>
    public void Follow(TimeSpan patience)
    {
        using var consumer = log.Join("billing", "billing-1", ["streamallocator.allocations"]);
        using var progress = log.OpenProducer("billing-1");
        using var batch = new RecordBatch();
        while (consumer.Poll(batch, maxRecords: 500, patience) is var outcome and not PollOutcome.Idle)
        {
            if (outcome == PollOutcome.AssignmentChanged)
                continue; // Forget here whatever is kept per partition: another member may have it now.
            for (var index = 0; index < batch.Count; index++)
                Print(batch[index]);

            // The offset moves after the work: what a crash interrupts is done again, never skipped.
            progress.Commit(consumer, [new PartitionOffset(batch.Source, batch[batch.Count - 1].Offset + 1)]);
        }
    }

    private void Print(LogRecord record)
    {
        var known = RecordHeaders.TryFind(record.Headers, "schema"u8, out var schema)
            && schema.SequenceEqual("streamallocator.v1.Allocation"u8);
        if (!known || record.Value.IsEmpty)
            return; // Another message that came to this topic later, or the mark of a VM that is gone.

        var allocation = Allocation.Parser.ParseFrom(record.Value);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(allocation.ObservedMs).UtcDateTime;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{at:yyyy-MM-ddTHH:mm:ssZ} {allocation.VmId} has {allocation.Observed.CpuCores} cores, {allocation.Observed.MemoryGib} GiB: {allocation.Outcome}"));
    }
}
