using Google.Protobuf.Collections;
using StreamAllocator.Schemas;

namespace StreamAllocator.History.Points;

/// <summary>
/// <c>usage</c> (vm_id, job_class): a closed window, at its end. <c>application_metric</c> (vm_id, metric): each of its application metrics, in
/// the metric's own unit. A window without a sample has counts of 0 and no usage.
/// </summary>
internal static class UsagePoints
{
    public static void Append(Features features, List<string> lines)
    {
        Append(features, new Point("usage")).At(features.EndMs, lines);
        foreach (var metric in features.Metrics)
        {
            new Point("application_metric").Tag(Names.VmId, features.VmId).Tag("metric", metric.Name)
                .Field("mean", metric.Mean).Field("max", metric.Max).Field("samples", (long)metric.Count)
                .At(features.EndMs, lines);
        }
    }

    private static Point Append(Features features, Point point)
    {
        point.Tag(Names.VmId, features.VmId).Tag("job_class", features.JobClass).Field("cpu_throttled_ratio", features.CpuThrottledRatio);
        for (var resource = 0; resource < Names.Units.Length; resource++)
        {
            point
                .Field($"{Names.Units[resource]}_mean", Value(features.Mean, resource))
                .Field($"{Names.Units[resource]}_max", Value(features.Max, resource))
                .Field($"{Names.Units[resource]}_allocated", Value(features.Allocated, resource));
            if (resource < features.Count.Count)
                point.Field($"{Names.Resources[resource]}_samples", (long)features.Count[resource]);
            if (resource < features.Censored.Count)
                point.Field($"{Names.Resources[resource]}_censored", features.Censored[resource]);
        }

        return point;
    }

    private static float Value(RepeatedField<float> column, int resource) => resource < column.Count ? column[resource] : float.NaN;
}
