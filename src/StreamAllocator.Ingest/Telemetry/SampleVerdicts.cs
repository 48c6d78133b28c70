using System.Globalization;
using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>The rules of a sample that need nothing but the sample.</summary>
internal static class SampleVerdicts
{
    private const long LongestInterval = 24 * 3600 * 1000;

    /// <summary>The first broken rule, with what was found and what was expected; null if the sample is well.</summary>
    public static DeadLetterCause? Judge(SampleFields sample, out string detail)
    {
        for (var value = 0; value < SampleFields.ValueCount; value++)
        {
            if (sample.Has(value) && JudgeFigure(sample.Values[value], SampleFields.Names[value], out detail) is { } cause)
                return cause;
        }

        foreach (var (name, value) in sample.Metrics)
        {
            if (!Identifier.IsValid(name))
                return Invalid($"name of a metric: expected {Identifier.Expected}", out detail);
            if (!float.IsFinite((float)value))
                return NotFinite(value, name, out detail);
        }

        if (!CivilTime.IsMeant(sample.EventTime))
            return Invalid(FormattableString.Invariant($"event_time_ms {sample.EventTime}: expected a time from 1970 to 9999"), out detail);
        if (sample.IntervalMilliseconds is < 0 or > LongestInterval)
            return Invalid(FormattableString.Invariant($"interval_ms {sample.IntervalMilliseconds}: expected at most {LongestInterval}"), out detail);
        if (sample.Has(SampleFields.ThrottledRatio) && sample.Values[SampleFields.ThrottledRatio] > 1)
            return Invalid(Found(sample.Values[SampleFields.ThrottledRatio], "cpu_throttled_ratio", "0 to 1"), out detail);
        if (sample.Has(SampleFields.CpuPercent) && !sample.Has(0) && !sample.Has(SampleFields.CpuAllocated))
            return Invalid("cpu_percent without cpu_cores_allocated: expected the cores that it is a percentage of", out detail);
        if (sample.IsEmpty)
            return Invalid("no figure: expected at least one", out detail);
        detail = "";
        return null;
    }

    private static DeadLetterCause? JudgeFigure(double value, string name, out string detail)
    {
        detail = "";
        if (!float.IsFinite((float)value))
            return NotFinite(value, name, out detail);
        if (value >= 0)
            return null;
        detail = Found(value, name, "0 or more");
        return DeadLetterCause.Negative;
    }

    private static DeadLetterCause NotFinite(double value, string name, out string detail)
    {
        detail = Found(value, name, "a finite number, below 3.4e38");
        return DeadLetterCause.NotFinite;
    }

    private static DeadLetterCause Invalid(string what, out string detail)
    {
        detail = what;
        return DeadLetterCause.Invalid;
    }

    private static string Found(double value, string name, string expected) =>
        string.Create(CultureInfo.InvariantCulture, $"{name} {value}: expected {expected}");
}
