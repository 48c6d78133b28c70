using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.World;

/// <summary>Running totals of a closed loop, which only the world can keep: it alone knows the hidden demand.</summary>
/// <param name="Until">Every sample that ended before it is counted.</param>
/// <param name="Resizes">Changes of a VM's size.</param>
/// <param name="AsProvisioned">The same demand, had nothing been resized.</param>
/// <param name="MeanDeviation">The same demand under the rule mean + k·σ.</param>
public sealed record WorldTotals(
    EventTime Until,
    long Samples,
    long Resizes,
    ResourceTotals Cpu,
    ResourceTotals Memory,
    BaselineTotals AsProvisioned = default,
    BaselineTotals MeanDeviation = default)
{
    public static WorldTotals operator +(WorldTotals left, WorldTotals right) => new(
        left.Until < right.Until ? left.Until : right.Until,
        left.Samples + right.Samples,
        left.Resizes + right.Resizes,
        left.Cpu + right.Cpu,
        left.Memory + right.Memory,
        left.AsProvisioned + right.AsProvisioned,
        left.MeanDeviation + right.MeanDeviation);

    /// <summary>With the baselines as they stand now.</summary>
    internal WorldTotals Beside(BaselineAllocations baselines) => this with
    {
        AsProvisioned = new BaselineTotals(baselines.AsProvisioned(Resource.Cpu), baselines.AsProvisioned(Resource.Memory)),
        MeanDeviation = new BaselineTotals(baselines.MeanDeviation(Resource.Cpu), baselines.MeanDeviation(Resource.Memory)),
    };

    /// <summary>The baselines save themselves.</summary>
    internal void Save(StateWriter state)
    {
        state.Int64(Until.UnixMilliseconds);
        state.Int64(Samples);
        state.Int64(Resizes);
        state.Array<ResourceTotals>([Cpu, Memory]);
    }

    internal static WorldTotals Load(ref StateReader state)
    {
        var (until, samples, resizes) = (new EventTime(state.Int64()), state.Int64(), state.Int64());
        var resources = state.Array<ResourceTotals>();
        if (resources.Length != Resources.ResizableCount)
            throw new InvalidDataException($"state: totals of {resources.Length} resources: expected {Resources.ResizableCount}");
        return new WorldTotals(until, samples, resizes, resources[0], resources[1]);
    }
}

public readonly record struct BaselineTotals(AllocationTotals Cpu, AllocationTotals Memory)
{
    public static BaselineTotals operator +(in BaselineTotals left, in BaselineTotals right) =>
        new(left.Cpu + right.Cpu, left.Memory + right.Memory);
}

/// <summary>Amount-hours (core-hours, GiB-hours) of one resource, and counts of samples, over the same samples.</summary>
/// <param name="Demanded">∫u of the hidden demand.</param>
/// <param name="Allocated">∫a of the effective allocation.</param>
/// <param name="Provisioned">∫p as its owners provisioned it.</param>
/// <param name="Unmet">∫(u − a)⁺.</param>
/// <param name="Violations">Samples with u &gt; a.</param>
/// <param name="Saturated">Samples with usage at 95 % of a or more, where a &lt; p.</param>
/// <param name="Samples">Samples that know this resource's demand.</param>
public readonly record struct ResourceTotals(
    double Demanded, double Allocated, double Provisioned, double Unmet, long Violations, long Saturated, long Samples)
{
    /// <summary>∫a / ∫p; NaN before the first sample.</summary>
    public double Footprint => Allocated / Provisioned;

    public double ViolationRate => (double)Violations / Samples;

    /// <summary>∫(u − a)⁺ / ∫u.</summary>
    public double UnmetShare => Unmet / Demanded;

    public double SaturationExposure => (double)Saturated / Samples;

    public static ResourceTotals operator +(in ResourceTotals left, in ResourceTotals right) => new(
        left.Demanded + right.Demanded,
        left.Allocated + right.Allocated,
        left.Provisioned + right.Provisioned,
        left.Unmet + right.Unmet,
        left.Violations + right.Violations,
        left.Saturated + right.Saturated,
        left.Samples + right.Samples);

    /// <summary>One more sample; an unknown demand counts nothing.</summary>
    internal ResourceTotals With(double demand, double allocated, double provisioned, double hours)
    {
        if (double.IsNaN(demand))
            return this;
        var unmet = Math.Max(0, demand - allocated);
        var saturated = Math.Min(demand, allocated) >= 0.95 * allocated && allocated < provisioned;
        return this + new ResourceTotals(
            demand * hours, allocated * hours, provisioned * hours, unmet * hours, unmet > 0 ? 1 : 0, saturated ? 1 : 0, 1);
    }
}
