using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Traces;

/// <summary>Which files to read and what their blanks mean.</summary>
public sealed record TraceOptions
{
    /// <summary>Gzip or plain CSV (told by the first two bytes, not by the name).</summary>
    public required string File { get; init; }

    /// <summary>
    /// A second file of the VM layout whose CPU columns are the maximum within each interval where those of <see cref="File"/> are the
    /// mean (as in <c>azure2017_cpu_avg</c> and <c>_max</c>). Joined by VM and timestamp.
    /// </summary>
    public string? MaximumFile { get; init; }

    /// <summary><c>null</c>: told by the first line. Set: a file without a first line of column names can be read too.</summary>
    public TraceLayout? Layout { get; init; }

    /// <summary>Rows of one time step share <c>floor(timestamp / Step)</c>; whole seconds.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Cores of a VM whose row states a percentage and no allocation.</summary>
    public double DefaultCores { get; init; } = 1;

    /// <summary>
    /// Generic layout: <c>null</c> makes the value the CPU demand in cores, so that any series can be forecast; a name makes it that
    /// application metric, and CPU stays unknown.
    /// </summary>
    public string? MetricName { get; init; }

    /// <summary>Everything wrong with the options, each with what was found and what was expected.</summary>
    public IEnumerable<string> Violations()
    {
        if (File.Length == 0)
            yield return "trace file '': expected a path";
        if (Step < TimeSpan.FromSeconds(1) || Step.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return FormattableString.Invariant($"step {Step}: expected whole seconds, 1 or more");
        if (!double.IsFinite(DefaultCores) || DefaultCores <= 0)
            yield return FormattableString.Invariant($"default cores {DefaultCores}: expected a finite number above 0");
        if (MaximumFile is not null && Layout == TraceLayout.Generic)
            yield return "a file of maxima with layout generic: expected layout vm";
        if (MetricName is not null && !Identifier.IsValid(MetricName))
            yield return $"metric name '{MetricName}': expected {Identifier.Expected}";
    }
}
