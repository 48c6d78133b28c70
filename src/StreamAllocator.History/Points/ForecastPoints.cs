using Google.Protobuf.Collections;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>
/// <c>forecast</c> (vm_id, lead_windows): what was expected of a window, at that window's end, so that it stands beside the usage that came.
/// Its origin is lead_windows windows earlier. <c>outlook</c> (vm_id): what was expected of the largest peak of the next hour and quarter of an
/// hour, at the origin, so that it stands beside the allocation that it sized.
/// </summary>
internal sealed class ForecastPoints(HistoryOptions options)
{
    private readonly (float Level, string Name)[] _quantiles = [.. options.Quantiles.Select(level => ((float)level, Names.Quantile(level)))];

    public void Append(Forecast forecast, List<string> lines)
    {
        if (forecast.Resources.Count > Names.Units.Length)
            throw new PointException($"{forecast.Resources.Count} resources: expected up to {Names.Units.Length}");
        foreach (var lead in options.Leads)
            AppendLead(forecast, lead, lines);
        AppendOutlook(forecast, lines);
    }

    private void AppendLead(Forecast forecast, int lead, List<string> lines)
    {
        var point = new Point("forecast").Tag(Names.VmId, forecast.VmId).Tag(Names.LeadWindows, Lead(lead));
        for (var resource = 0; resource < forecast.Resources.Count; resource++)
        {
            var expected = forecast.Resources[resource];
            if (lead > expected.Mean.Count)
                continue;
            point.Field($"{Names.Units[resource]}_mean", expected.Mean[lead - 1]);
            if (lead <= expected.Stddev.Count)
                point.Field($"{Names.Units[resource]}_stddev", expected.Stddev[lead - 1]);
            AppendQuantiles(point, $"{Names.Units[resource]}_", forecast.Levels, expected.Quantiles, lead - 1);
        }

        point.At(checked(forecast.OriginMs + (lead * (long)forecast.WindowMs)), lines);
    }

    private void AppendOutlook(Forecast forecast, List<string> lines)
    {
        var point = new Point("outlook").Tag(Names.VmId, forecast.VmId)
            .Field("data_age_windows", (long)forecast.DataAgeWindows)
            .Field("warming", forecast.Warming)
            .Field("model_version", forecast.ModelVersion);
        for (var resource = 0; resource < forecast.Resources.Count; resource++)
        {
            var expected = forecast.Resources[resource];
            AppendQuantiles(point, $"{Names.Units[resource]}_max_1h_", forecast.Levels, expected.DwellMax1H, 0);
            AppendQuantiles(point, $"{Names.Units[resource]}_max_15m_", forecast.Levels, expected.DwellMax15M, 0);
            point.Field($"{Names.Resources[resource]}_best_expert", expected.BestExpert);
        }

        point.At(forecast.OriginMs, lines);
    }

    /// <param name="row">Of a table whose rows have a value for each level.</param>
    private void AppendQuantiles(Point point, string name, RepeatedField<float> levels, RepeatedField<float> table, int row)
    {
        foreach (var (level, suffix) in _quantiles)
        {
            var column = levels.IndexOf(level);
            var index = (row * levels.Count) + column;
            if (column >= 0 && index < table.Count)
                point.Field(name + suffix, table[index]);
        }
    }

    private static string Lead(int lead) => lead.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
