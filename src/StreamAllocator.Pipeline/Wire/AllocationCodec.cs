using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Allocation</c>: the value of the topic allocations, and a part of both input topics.</summary>
public static class AllocationCodec
{
    public static void Write(ProtoWriter writer, int field, Allocation allocation)
    {
        var mark = writer.Begin(field);
        WriteFields(writer, allocation);
        writer.End(mark);
    }

    public static void WriteFields(ProtoWriter writer, Allocation allocation)
    {
        writer.Text(1, allocation.VmId);
        writer.Text(2, allocation.PoolId);
        writer.Int64(3, allocation.Revision);
        VmSizeCodec.Write(writer, 4, allocation.Requested);
        VmSizeCodec.Write(writer, 5, allocation.Observed);
        writer.Int64(6, (int)allocation.Outcome);
        writer.Text(7, allocation.HostId);
        writer.Int64(8, allocation.RequestedAt.UnixMilliseconds);
        writer.Int64(9, allocation.ObservedAt.UnixMilliseconds);
        writer.Text(10, allocation.Detail);
        writer.Int64(11, (int)allocation.Refusal);
    }

    /// <exception cref="WireFormatException">Malformed, or not a valid allocation.</exception>
    public static Allocation Read(ProtoReader reader)
    {
        var (vmId, poolId, hostId, detail) = ("", "", "", "");
        var (revision, requestedAt, observedAt) = (0L, 0L, 0L);
        var (requested, observed) = (default(VmSize), default(VmSize));
        var (outcome, refusal) = (default(AllocationOutcome), RefusalCause.None);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    vmId = reader.Text();
                    break;
                case 2:
                    poolId = reader.Text();
                    break;
                case 3:
                    revision = reader.Int64();
                    break;
                case 4:
                    requested = VmSizeCodec.Read(reader.Message());
                    break;
                case 5:
                    observed = VmSizeCodec.Read(reader.Message());
                    break;
                case 6:
                    outcome = (AllocationOutcome)reader.Int32();
                    break;
                case 7:
                    hostId = reader.Text();
                    break;
                case 8:
                    requestedAt = reader.Int64();
                    break;
                case 9:
                    observedAt = reader.Int64();
                    break;
                case 10:
                    detail = reader.Text();
                    break;
                case 11:
                    refusal = (RefusalCause)reader.Int32();
                    break;
            }
        }

        var allocation = new Allocation(
            vmId, poolId, revision, requested, observed, outcome, hostId, new EventTime(requestedAt), new EventTime(observedAt), refusal, detail);
        foreach (var violation in allocation.Violations())
            throw new WireFormatException($"allocation: {violation}");
        return allocation;
    }
}
