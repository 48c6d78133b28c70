using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>ControlRequest</c>.</summary>
public static class ControlRequestCodec
{
    private const int Adjust = 1;
    private const int Hold = 2;
    private const int Release = 3;
    private const int Rollback = 4;

    public static void WriteFields(ProtoWriter writer, ControlRequest request)
    {
        writer.Text(1, request.RequestId);
        writer.Text(2, request.RequestedBy);
        writer.Int64(3, request.EventTime.UnixMilliseconds);
        writer.Text(4, request.VmId);
        writer.Text(5, request.PoolId);
        switch (request)
        {
            case AdjustRequest adjust:
                writer.Int64(6, Adjust);
                VmSizeCodec.Write(writer, 7, adjust.Size);
                writer.Int64(8, (long)adjust.HoldFor.TotalMilliseconds);
                break;
            case HoldRequest hold:
                writer.Int64(6, Hold);
                writer.Int64(8, (long)hold.HoldFor.TotalMilliseconds);
                break;
            case ReleaseRequest:
                writer.Int64(6, Release);
                break;
            case RollbackRequest:
                writer.Int64(6, Rollback);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request, "expected adjust, hold, release or rollback");
        }
    }

    public static ControlRequest Read(ProtoReader reader)
    {
        var (id, by, vmId, poolId) = ("", "", "", "");
        var (time, kind, holdFor, size) = (0L, 0, 0L, default(VmSize));
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    id = reader.Text();
                    break;
                case 2:
                    by = reader.Text();
                    break;
                case 3:
                    time = reader.Int64();
                    break;
                case 4:
                    vmId = reader.Text();
                    break;
                case 5:
                    poolId = reader.Text();
                    break;
                case 6:
                    kind = reader.Int32();
                    break;
                case 7:
                    size = VmSizeCodec.Read(reader.Message());
                    break;
                case 8:
                    holdFor = reader.Int64();
                    break;
            }
        }

        if (holdFor < 0 || holdFor > (long)ControlRequest.LongestHold.TotalMilliseconds)
            throw new WireFormatException($"request '{id}': hold for {holdFor} ms: expected 0 to {ControlRequest.LongestHold.TotalDays} days");
        var at = new EventTime(time);
        var hold = TimeSpan.FromMilliseconds(holdFor);
        return kind switch
        {
            Adjust => new AdjustRequest(id, by, at, size, hold) { VmId = vmId, PoolId = poolId },
            Hold => new HoldRequest(id, by, at, hold) { VmId = vmId, PoolId = poolId },
            Release => new ReleaseRequest(id, by, at) { VmId = vmId, PoolId = poolId },
            Rollback => new RollbackRequest(id, by, at) { VmId = vmId, PoolId = poolId },
            _ => throw new WireFormatException($"request '{id}': kind {kind}: expected 1 (adjust) to 4 (rollback)"),
        };
    }
}
