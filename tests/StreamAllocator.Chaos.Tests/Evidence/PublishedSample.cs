using Google.Protobuf;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Evidence;

/// <summary>A sample that the log has acknowledged. Values are multiples of 1/1024, so that sums of them are exact in any order.</summary>
/// <param name="Values">CPU (cores), memory (GiB), disk, network (bytes/s).</param>
internal sealed record PublishedSample(string VmId, long TimeMs, float[] Values)
{
    public static float Dyadic(double value) => (float)(Math.Round(value * 1024) / 1024);

    public byte[] Encode() => new Wire.Telemetry
    {
        Samples =
        {
            new Wire.UsageSample
            {
                VmId = VmId,
                EventTimeMs = TimeMs,
                CpuCores = Values[0],
                MemoryGib = Values[1],
                DiskBytesPerSecond = Values[2],
                NetworkBytesPerSecond = Values[3],
            },
        },
    }.ToByteArray();
}
