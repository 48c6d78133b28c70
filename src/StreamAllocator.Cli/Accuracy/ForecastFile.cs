using System.Globalization;
using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Domain;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Accuracy;

/// <summary>Every forecast as a CSV line: vm, resource, origin (end of the newest known window), lead, quantiles, mean, stddev, actual.</summary>
internal sealed class ForecastFile(TextWriter to, WindowTable actuals) : IDisposable
{
    public void WriteHead() => to.WriteLine(
        "vm_id,resource,origin,lead," + string.Join(',', QuantileLevels.All.ToArray().Select(level => FormattableString.Invariant($"q{level}"))) + ",mean,stddev,actual");

    public void Write(int vm, long origin, Wire.Forecast forecast)
    {
        foreach (var resource in Resources.All)
        {
            var of = forecast.Resources[(int)resource];
            for (var lead = 1; lead <= of.Mean.Count; lead++)
                WriteLine(vm, resource, origin, lead, of);
        }
    }

    public void Dispose() => to.Dispose();

    private void WriteLine(int vm, Resource resource, long origin, int lead, Wire.ResourceForecast of)
    {
        to.Write(FormattableString.Invariant(
            $"{actuals.Vms[vm]},{resource.ToString().ToLowerInvariant()},{EventTime.StartOfWindow(origin + 1, actuals.Size)},{lead}"));
        for (var level = 0; level < QuantileLevels.Count; level++)
            WriteNumber(of.Quantiles[(lead - 1) * QuantileLevels.Count + level]);
        WriteNumber(of.Mean[lead - 1]);
        WriteNumber(of.Stddev[lead - 1]);
        WriteNumber(actuals[vm, resource, origin + lead]);
        to.WriteLine();
    }

    /// <summary>Missing is an empty field.</summary>
    private void WriteNumber(float value)
    {
        to.Write(',');
        if (float.IsFinite(value))
            to.Write(value.ToString("R", CultureInfo.InvariantCulture));
    }
}
