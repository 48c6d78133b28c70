using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Windowing;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Message <c>Features</c>: one closed window of a VM.</summary>
internal static class FeaturesCodec
{
    public static void Write(
        ProtoWriter writer, VmSpec vm, WindowFeatures window, LocalTime local, List<MetricFeature> metrics, List<Occurrence> events)
    {
        writer.Text(1, vm.VmId);
        writer.Int64(2, window.Start.UnixMilliseconds);
        writer.Int64(3, window.End.UnixMilliseconds);
        writer.Packed<float>(4, window.Mean);
        writer.Packed<float>(5, window.Max);
        writer.PackedVarints(6, window.Count);
        writer.PackedBools(7, window.Censored);
        writer.Packed<float>(8, window.Allocated);
        writer.Float(9, window.ThrottledRatio);
        writer.Int64(10, local.MinuteOfDay);
        writer.Int64(11, local.DayOfWeek);
        foreach (var metric in metrics)
        {
            var mark = writer.Begin(12);
            writer.Text(1, metric.Name);
            writer.Float(2, metric.Mean);
            writer.Float(3, metric.Max);
            writer.Int64(4, metric.Count);
            writer.End(mark);
        }

        foreach (var occurrence in events)
        {
            var mark = writer.Begin(13);
            writer.Text(1, occurrence.Name);
            writer.SInt64(2, (long)(occurrence.Start - window.End).TotalMilliseconds);
            writer.Int64(3, (long)occurrence.Duration.TotalMilliseconds);
            writer.End(mark);
        }

        writer.Text(14, vm.JobClass);
    }
}
