using System.Buffers;
using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Baselines;

/// <summary>
/// Two simple rules on the same demand as the allocator, for its totals to be read beside: <em>as provisioned</em> and
/// <em>mean + k·σ</em> of each VM's last day. An allocation is set from the windows before and judged by the next. CPU and memory. O(1)
/// per sample, state of fixed size (4.7 KB a VM), no managed allocation. State: touched by one thread.
/// </summary>
public sealed class BaselineAllocations
{
    private readonly MeanDeviationOptions _options;
    private readonly int _vms;
    private readonly MovingMoments _moments;
    private readonly double[] _allocated;
    private readonly AllocationTotals[] _asProvisioned = new AllocationTotals[Resources.ResizableCount];
    private readonly AllocationTotals[] _meanDeviation = new AllocationTotals[Resources.ResizableCount];

    /// <param name="vms">VMs by dense index, 0 … <paramref name="vms"/> − 1.</param>
    public BaselineAllocations(int vms, MeanDeviationOptions options)
    {
        var violations = string.Join("; ", options.Violations());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        _options = options;
        _vms = vms;
        _moments = new MovingMoments(vms * Resources.ResizableCount, options.Windows);
        _allocated = new double[vms * Resources.ResizableCount];
    }

    public AllocationTotals AsProvisioned(Resource resource) => _asProvisioned[(int)resource];

    public AllocationTotals MeanDeviation(Resource resource) => _meanDeviation[(int)resource];

    /// <summary>What the mean + k·σ rule grants the VM in the coming window: at most what is provisioned.</summary>
    public double AllocationOf(int vm, Resource resource, double provisioned)
    {
        var index = vm * Resources.ResizableCount + (int)resource;
        if (_moments.Count(index) < _options.FewestWindows)
            return provisioned;
        var (mean, deviation) = _moments.Of(index);
        var step = resource == Resource.Cpu ? _options.CpuStepCores : _options.MemoryStepGib;
        var steps = Math.Max(1, Math.Ceiling((mean + _options.Deviations * deviation) / step));
        return Math.Min(provisioned, steps * step);
    }

    /// <summary>One closed window of one VM, in order of time per VM.</summary>
    /// <param name="demand">Mean demand in cores or GiB, finite.</param>
    /// <param name="provisioned">Size as provisioned, same unit, above 0.</param>
    public void Observe(int vm, Resource resource, double demand, double provisioned)
    {
        if ((int)resource >= Resources.ResizableCount)
            throw new ArgumentOutOfRangeException(nameof(resource), resource, "expected CPU or memory");
        if (!double.IsFinite(demand) || demand < 0)
            throw new ArgumentOutOfRangeException(nameof(demand), demand, "expected a finite demand, 0 or more");
        var index = vm * Resources.ResizableCount + (int)resource;
        var allocated = AllocationOf(vm, resource, provisioned);
        var before = _moments.Count(index) == 0 ? provisioned : _allocated[index];
        _asProvisioned[(int)resource] = _asProvisioned[(int)resource].Add(demand, provisioned, provisioned, changed: false);
        _meanDeviation[(int)resource] = _meanDeviation[(int)resource].Add(demand, allocated, provisioned, changed: allocated != before);
        _allocated[index] = allocated;
        _moments.Add(index, demand);
    }

    public void Save(IBufferWriter<byte> to)
    {
        Span<int> head = [_vms, _options.Windows];
        to.Write(MemoryMarshal.AsBytes(head));
        to.Write(MemoryMarshal.AsBytes(_moments.Ring.AsSpan()));
        to.Write(MemoryMarshal.AsBytes(_moments.Series.AsSpan()));
        to.Write(MemoryMarshal.AsBytes(_allocated.AsSpan()));
        to.Write(MemoryMarshal.AsBytes(_asProvisioned.AsSpan()));
        to.Write(MemoryMarshal.AsBytes(_meanDeviation.AsSpan()));
    }

    /// <exception cref="InvalidDataException">Saved for another number of VMs or another window.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        Span<int> head = stackalloc int[2];
        from = Restore(from, head);
        if (head[0] != _vms || head[1] != _options.Windows)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"baselines of {head[0]} VMs and {head[1]} windows: expected {_vms} and {_options.Windows}"));
        }

        from = Restore(from, _moments.Ring.AsSpan());
        from = Restore(from, _moments.Series.AsSpan());
        from = Restore(from, _allocated.AsSpan());
        from = Restore(from, _asProvisioned.AsSpan());
        Restore(from, _meanDeviation.AsSpan());
    }

    private static ReadOnlySpan<byte> Restore<T>(ReadOnlySpan<byte> from, scoped Span<T> to)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(to);
        from[..bytes.Length].CopyTo(bytes);
        return from[bytes.Length..];
    }
}
