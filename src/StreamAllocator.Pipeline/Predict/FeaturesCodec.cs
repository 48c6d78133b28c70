using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Windowing;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Message <c>Features</c>: one closed window of a VM. The caller appends metrics and events.</summary>
internal static class FeaturesCodec
{
    public static void Write(ProtoWriter writer, string vmId, string jobClass, WindowFeatures window, LocalTime local)
    {
        writer.Text(1, vmId);
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
        writer.Text(14, jobClass);
    }
}
