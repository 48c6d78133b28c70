using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>ResizeCommand</c>, the value of the topic commands.</summary>
public static class ResizeCommandCodec
{
    public static void WriteFields(ProtoWriter writer, ResizeCommand command)
    {
        writer.Text(1, command.VmId);
        writer.Text(2, command.PoolId);
        writer.Int64(3, command.Revision);
        VmSizeCodec.Write(writer, 4, command.Target);
        VmSizeCodec.Write(writer, 5, command.Expected);
        writer.Int64(6, command.Fence);
        writer.Int64(7, command.Issued.UnixMilliseconds);
        writer.Int64(8, command.Expiry.UnixMilliseconds);
        writer.Text(9, command.Placement);
        foreach (var reason in command.Reasons)
            writer.PresentText(10, reason);
        writer.Text(11, command.RunId);
    }

    /// <exception cref="WireFormatException">Malformed, or without a valid VM, pool or revision.</exception>
    public static ResizeCommand Read(ProtoReader reader)
    {
        var (vmId, poolId, placement, runId) = ("", "", "", "");
        var (revision, fence, issued, expiry) = (0L, 0L, 0L, 0L);
        var (target, expected) = (default(VmSize), default(VmSize));
        List<string> reasons = [];
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
                    target = VmSizeCodec.Read(reader.Message());
                    break;
                case 5:
                    expected = VmSizeCodec.Read(reader.Message());
                    break;
                case 6:
                    fence = reader.Int64();
                    break;
                case 7:
                    issued = reader.Int64();
                    break;
                case 8:
                    expiry = reader.Int64();
                    break;
                case 9:
                    placement = reader.Text();
                    break;
                case 10:
                    reasons.Add(reader.Text());
                    break;
                case 11:
                    runId = reader.Text();
                    break;
            }
        }

        if (!Identifier.IsValid(vmId) || !Identifier.IsValid(poolId))
            throw new WireFormatException($"command for vm_id '{vmId}', pool_id '{poolId}': expected {Identifier.Expected}");
        if (revision < 1)
            throw new WireFormatException(FormattableString.Invariant($"command for {vmId}: revision {revision}: expected 1 or more"));
        return new ResizeCommand(
            vmId, poolId, revision, target, expected, fence, new EventTime(issued), new EventTime(expiry), placement, reasons, runId);
    }
}
