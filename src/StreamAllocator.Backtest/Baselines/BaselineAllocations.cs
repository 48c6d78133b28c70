using System.Buffers;
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
        var state = new StateWriter(to);
        state.Int64(_vms);
        state.Int64(_options.Windows);
        state.Array<long>(_moments.Ring);
        state.Array<MovingMoments.Moments>(_moments.Series);
        state.Array<double>(_allocated);
        state.Array<AllocationTotals>(_asProvisioned);
        state.Array<AllocationTotals>(_meanDeviation);
    }

    /// <exception cref="InvalidDataException">Saved for another number of VMs or another window.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        var (vms, windows) = (state.Int64(), state.Int64());
        if (vms != _vms || windows != _options.Windows)
        {
            throw new InvalidDataException(
                FormattableString.Invariant($"baselines of {vms} VMs and {windows} windows: expected {_vms} and {_options.Windows}"));
        }

        state.Array<long>().CopyTo(_moments.Ring, 0);
        state.Array<MovingMoments.Moments>().CopyTo(_moments.Series, 0);
        state.Array<double>().CopyTo(_allocated, 0);
        state.Array<AllocationTotals>().CopyTo(_asProvisioned, 0);
        state.Array<AllocationTotals>().CopyTo(_meanDeviation, 0);
    }
}
