namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Telemetry</c> of one sample, as an agent would have published it.</summary>
public static class TelemetryCodec
{
    /// <summary>Field numbers of <c>UsageSample</c> for the columns of <see cref="SampleColumns"/>, in their order.</summary>
    private static readonly int[] Fields = [4, 5, 6, 7, 8, 9, 10, 15];

    public static void Write(ProtoWriter writer, SampleColumns samples, int index)
    {
        var sample = writer.Begin(1);
        writer.Text(1, samples.VmIds[(int)samples.Vm[index]]);
        writer.Int64(2, samples.Time[index]);
        for (var column = 0; column < SampleColumns.ValueCount; column++)
        {
            var value = samples.Values(column)[index];
            if (!float.IsNaN(value))
                writer.PresentDouble(Fields[column], value);
        }

        for (var entry = 0; entry < samples.MetricCount; entry++)
        {
            if (samples.MetricSample[entry] != index)
                continue;
            var metric = writer.Begin(16);
            writer.Text(1, samples.MetricNames[(int)samples.MetricName[entry]]);
            writer.Double(2, samples.MetricValue[entry]);
            writer.End(metric);
        }

        writer.End(sample);
    }
}
