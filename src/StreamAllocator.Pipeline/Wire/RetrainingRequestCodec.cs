using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>RetrainingRequest</c>.</summary>
public static class RetrainingRequestCodec
{
    public static void WriteFields(ProtoWriter writer, RetrainingRequest request)
    {
        writer.Text(1, request.JobClass);
        writer.Int64(3, (int)request.Reason);
        writer.Int64(4, request.Time.UnixMilliseconds);
        writer.Double(5, request.Observed);
        writer.Double(6, request.Limit);
        writer.Text(7, request.Detail);
        writer.Text(8, request.ModelId);
    }

    /// <exception cref="WireFormatException">Malformed, no reason that is known, or a rollback of no model.</exception>
    public static RetrainingRequest Read(ProtoReader reader)
    {
        var (jobClass, detail, modelId) = ("", "", "");
        var (reason, time, observed, limit) = (default(RetrainingReason), 0L, 0.0, 0.0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    jobClass = reader.Text();
                    break;
                case 3:
                    reason = (RetrainingReason)reader.Int32();
                    break;
                case 4:
                    time = reader.Int64();
                    break;
                case 5:
                    observed = reader.Double();
                    break;
                case 6:
                    limit = reader.Double();
                    break;
                case 7:
                    detail = reader.Text();
                    break;
                case 8:
                    modelId = reader.Text();
                    break;
            }
        }

        if (!Enum.IsDefined(reason))
            throw new WireFormatException($"retraining request: reason {(int)reason}: expected 1 to 4");
        if (reason == RetrainingReason.Rollback && modelId.Length == 0)
            throw new WireFormatException("retraining request: a rollback names no model");
        return new RetrainingRequest(jobClass, reason, new EventTime(time), observed, limit, detail, modelId);
    }
}
