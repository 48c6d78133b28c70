using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Message <c>ForecastErrors</c>: the served forecasts whose target is this window, against what came.</summary>
internal static class ForecastErrorsCodec
{
    /// <summary>False, and nothing written, where no forecast has met its actual.</summary>
    public static bool TryWrite(ProtoWriter writer, string vmId, EventTime target, ForecastErrors errors)
    {
        var known = false;
        foreach (var resource in Resources.All)
        {
            for (var lead = 1; lead <= Horizon.Leads; lead++)
                known |= errors[resource, lead].IsKnown;
        }

        if (!known)
            return false;
        writer.Text(1, vmId);
        writer.Int64(2, target.UnixMilliseconds);
        foreach (var resource in Resources.All)
        {
            var mark = writer.Begin(3);
            WriteResource(writer, errors, resource);
            writer.End(mark);
        }

        return true;
    }

    private static void WriteResource(ProtoWriter writer, ForecastErrors errors, Resource resource)
    {
        Span<float> columns = stackalloc float[4 * Horizon.Leads];
        columns.Fill(float.NaN);
        var (actual, censored, known) = (float.NaN, false, false);
        for (var lead = 1; lead <= Horizon.Leads; lead++)
        {
            ref readonly var error = ref errors[resource, lead];
            if (!error.IsKnown)
                continue;
            (actual, censored, known) = (error.Actual, error.Censored, true);
            columns[lead - 1] = error.Loss;
            columns[Horizon.Leads + lead - 1] = error.Lower;
            columns[2 * Horizon.Leads + lead - 1] = error.Median;
            columns[3 * Horizon.Leads + lead - 1] = error.Upper;
        }

        if (!known)
            return;
        writer.PresentFloat(1, actual);
        writer.Bool(2, censored);
        for (var column = 0; column < 4; column++)
            writer.Packed<float>(3 + column, columns.Slice(column * Horizon.Leads, Horizon.Leads));
    }
}
