using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>The newest of one VM. Guarded by the gate of <see cref="Picture"/>.</summary>
internal sealed class VmPicture(VmSpec spec)
{
    /// <summary>A rise by less above the former size would have been no shortage to speak of.</summary>
    private const double Notable = 1.05;

    private readonly List<Growth> _growths = [];

    public VmSpec Spec => spec;

    public VmSize Allocated { get; set; } = spec.Provisioned;

    /// <summary>Means of the newest window: cores, GiB; NaN before the first.</summary>
    public float CpuUsed { get; set; } = float.NaN;

    public float MemoryUsed { get; set; } = float.NaN;

    /// <summary>CPU demand in 15 and 60 minutes, in cores.</summary>
    public Expectation NextQuarter { get; set; } = Expectation.None;

    public Expectation NextHour { get; set; } = Expectation.None;

    /// <summary>The newest decision that changed something, or wanted to.</summary>
    public string LastChange { get; set; } = "";

    /// <summary>The allocator has granted more CPU.</summary>
    public void Grown(EventTime time, double before, double after) => _growths.Add(new Growth(time, before, after));

    /// <summary>A window [start, …) used up to <paramref name="most"/> cores: did an earlier growth make room for it?</summary>
    /// <returns>What was foreseen, in words; null where nothing was.</returns>
    public string? Foreseen(EventTime start, double most)
    {
        // What was decided as the window began, or within it, was no foresight; what lies an hour and more back was not about this.
        _growths.RemoveAll(growth => start - growth.Decided > TimeSpan.FromMinutes(70));
        var met = _growths.Where(growth => most > Notable * growth.Before && start - growth.Decided >= TimeSpan.FromMinutes(5)).ToList();
        if (met.Count == 0)
            return null;
        _growths.RemoveAll(growth => most > Notable * growth.Before);
        var first = met[0];
        return FormattableString.Invariant(
            $"{spec.VmId}: raised {first.Before:0.00} → {met[^1].After:0.00}, {(start - first.Decided).TotalMinutes:0} min before demand rose to {most:0.00}");
    }

    private readonly record struct Growth(EventTime Decided, double Before, double After);
}

/// <summary>A forecast at one lead time.</summary>
internal readonly record struct Expectation(float Mean, float Q90)
{
    public static readonly Expectation None = new(float.NaN, float.NaN);
}
