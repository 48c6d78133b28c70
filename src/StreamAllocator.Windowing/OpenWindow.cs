using System.Runtime.CompilerServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Windowing;

/// <summary>One open window of one VM. All zero is the empty window.</summary>
internal struct OpenWindow
{
    public WindowEvidence Evidence;
    private PerResource _of;

    public void Add(in UsageSample sample, float censoredRatio)
    {
        _of[0].Add(sample.Cpu, float.IsNaN(sample.CpuMax) ? sample.Cpu : sample.CpuMax);
        _of[1].Add(sample.Memory, sample.Memory);
        _of[2].Add(sample.Disk, sample.Disk);
        _of[3].Add(sample.Network, sample.Network);
        Evidence.AddThrottled(sample.ThrottledRatio);
        Evidence.Cpu.Add(sample.Cpu, sample.CpuAllocated, censoredRatio);
        Evidence.Memory.Add(sample.Memory, sample.MemoryAllocated, censoredRatio);
    }

    /// <param name="allocated">Per resizable resource: as it was before this window; becomes what it is at the window's end.</param>
    public readonly void Read(Span<float> allocated, float censoredRatio, WindowFeatures into)
    {
        for (var resource = 0; resource < Resources.Count; resource++)
        {
            ref readonly var accumulator = ref _of[resource];
            into.Count[resource] = accumulator.Count;
            into.Sum[resource] = accumulator.Sum;
            into.Mean[resource] = accumulator.Mean;
            into.Max[resource] = accumulator.MaxOrMissing;
        }

        into.Censored[0] = Evidence.Cpu.IsCensored(ref allocated[0], censoredRatio);
        into.Censored[1] = Evidence.Memory.IsCensored(ref allocated[1], censoredRatio);
        allocated.CopyTo(into.Allocated);
        into.ThrottledRatio = Evidence.ThrottledRatio;
    }

    [InlineArray(Resources.Count)]
    private struct PerResource
    {
        private Accumulator _first;
    }
}
