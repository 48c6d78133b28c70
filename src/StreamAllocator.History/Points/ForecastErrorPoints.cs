using System.Globalization;
using Google.Protobuf.Collections;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>
/// <c>forecast_error</c> (vm_id, lead_windows): the deciles 0.1, 0.5 and 0.9 that were served for a window, what came, and the pinball loss (mean
/// over the nine deciles), at the window's end. Where <c>censored</c> is true, demand was at least what came.
/// </summary>
internal sealed class ForecastErrorPoints(HistoryOptions options)
{
    public void Append(ForecastErrors errors, List<string> lines)
    {
        if (errors.Resources.Count > Names.Units.Length)
            throw new PointException($"{errors.Resources.Count} resources: expected up to {Names.Units.Length}");
        foreach (var lead in options.Leads)
        {
            var point = new Point("forecast_error")
                .Tag(Names.VmId, errors.VmId).Tag(Names.LeadWindows, lead.ToString(CultureInfo.InvariantCulture));
            for (var resource = 0; resource < errors.Resources.Count; resource++)
                AppendResource(point, resource, errors.Resources[resource], lead);
            point.At(errors.TargetMs, lines);
        }
    }

    private static void AppendResource(Point point, int resource, ResourceErrors errors, int lead)
    {
        // No forecast of this lead met this window.
        if (!float.IsFinite(Value(errors.PinballLoss, lead)))
            return;
        var unit = Names.Units[resource];
        point
            .Field($"{unit}_actual", errors.Actual)
            .Field($"{unit}_pinball_loss", Value(errors.PinballLoss, lead))
            .Field($"{unit}_p10", Value(errors.Q10, lead))
            .Field($"{unit}_p50", Value(errors.Median, lead))
            .Field($"{unit}_p90", Value(errors.Q90, lead))
            .Field($"{Names.Resources[resource]}_censored", errors.Censored);
    }

    private static float Value(RepeatedField<float> column, int lead) => lead <= column.Count ? column[lead - 1] : float.NaN;
}
