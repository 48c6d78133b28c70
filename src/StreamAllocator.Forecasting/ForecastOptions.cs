using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>Knobs of the forecast engine; a change of any changes the fold.</summary>
public sealed record ForecastOptions
{
    /// <summary>Windows in a day; 288 windows of 5 minutes.</summary>
    public int WindowsPerDay { get; init; } = 288;

    /// <summary>Smallest step of the sensors as a share of the value: the least half-width of an interval.</summary>
    public float Resolution { get; init; } = 0.001f;

    /// <summary>Parameters of a VM whose class has no release yet.</summary>
    public SmoothingParameters Parameters { get; init; } = SmoothingParameters.Default;

    /// <summary>Everything wrong with it; empty if it is valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (WindowsPerDay is < 96 or > 17_280)
            problems.Add($"windows per day {WindowsPerDay}: expected 96 (15 minutes) to 17,280 (5 seconds)");
        if (!(Resolution >= 0 && Resolution < 0.1f))
            problems.Add(FormattableString.Invariant($"resolution {Resolution}: expected in [0, 0.1)"));
        problems.AddRange(Parameters.Violations());
        return problems;
    }
}
