using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Message <c>Forecast</c>: twelve lead times of four resources.</summary>
internal sealed class ForecastCodec(TimeSpan window, int planningLead, string[] expertNames)
{
    private static readonly float[] Levels = SingleLevels();

    public void Write(ProtoWriter writer, string vmId, EventTime origin, VmForecast forecast, bool warming, string model)
    {
        writer.Text(1, vmId);
        writer.Int64(2, origin.UnixMilliseconds);
        writer.Int64(3, (long)window.TotalMilliseconds);
        writer.Packed<float>(4, Levels);
        var age = 0;
        foreach (var resource in Resources.All)
        {
            var mark = writer.Begin(5);
            age = Math.Max(age, forecast.DataAgeWindows(resource));
            if (forecast.IsKnown(resource))
                WriteResource(writer, forecast, resource);
            writer.End(mark);
        }

        writer.Int64(6, age);
        writer.Bool(7, warming);
        writer.Text(8, model);
    }

    private void WriteResource(ProtoWriter writer, VmForecast forecast, Resource resource)
    {
        writer.Packed<float>(1, forecast.Quantiles(resource));
        writer.Packed<float>(2, forecast.Mean(resource));
        writer.Packed<float>(3, forecast.StandardDeviation(resource));
        writer.Packed<float>(4, forecast.DwellMaximum(resource, DwellHorizons.Hour));
        writer.Packed<float>(5, forecast.DwellMaximum(resource, DwellHorizons.Near));
        writer.Packed<float>(6, forecast.Weights(resource, planningLead));
        writer.Text(7, expertNames[forecast.Best(resource)]);
    }

    private static float[] SingleLevels()
    {
        var levels = new float[QuantileLevels.Count];
        for (var level = 0; level < levels.Length; level++)
            levels[level] = (float)QuantileLevels.All[level];
        return levels;
    }
}
