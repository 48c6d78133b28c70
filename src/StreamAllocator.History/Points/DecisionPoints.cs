using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>
/// <c>decision</c> (vm_id, pool_id, kind, priority): every decision, hold included, at its round or request. The chain of its steps is not
/// here: <c>explain</c> shows it.
/// </summary>
internal static class DecisionPoints
{
    public static void Append(Decision decision, long sequence, List<string> lines)
    {
        var point = new Point("decision")
            .Tag(Names.VmId, decision.VmId).Tag(Names.PoolId, decision.PoolId)
            .Tag("kind", Names.Of(decision.Kind)).Tag("priority", Names.Of(decision.Priority))
            .Field("reason", Names.Of(decision.Reason))
            .Field("cpu_reason", Names.Of(decision.CpuReason))
            .Field("memory_reason", Names.Of(decision.MemoryReason))
            .Field("promised_risk_ratio", decision.Alpha)
            .Field("revision", (long)decision.Revision)
            .Field("data_age_windows", (long)decision.DataAgeWindows)
            .Field("model_version", decision.ModelVersion)
            .Field("offer_id", decision.OfferId)
            .Field("request_id", decision.RequestId);
        Sizes.Append(point, "allocated", decision.Allocated);
        Sizes.Append(point, "target", decision.Target);
        Sizes.Append(point, "lower_bound", decision.LowerBound);
        Sizes.Append(point, "upper_bound", decision.UpperBound);
        Sizes.Append(point, "uncapped_target", decision.UncappedTarget);
        point.At(decision.EventTimeMs, lines, sequence);
    }
}
