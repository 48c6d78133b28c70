using System.Buffers;
using System.Text;
using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Backtest.World;

/// <summary>
/// The VMs of a driven run (replay, demo): folds a partition of <c>pool-inputs</c>, of which it reads the execute task's ticks and allocations,
/// and publishes telemetry. On tick T it sends every sample whose time step ends by T (and by up to <see cref="WorldOptions.MaxAhead"/>
/// heartbeats more), then the heartbeat of T: event time goes on no faster than the allocator answers.
/// </summary>
public sealed class WorldTask : ITask, IDisposable
{
    private readonly WorldOptions _options;
    private readonly IDemandFeed _feed;
    private readonly TelemetryWriter _telemetry;
    private readonly List<WorldVm> _vms = [];
    private readonly BaselineAllocations _baselines;
    private readonly Dictionary<string, WorldVm> _byId = new(StringComparer.Ordinal);

    /// <summary>By index within the feed; null where the VM is not of this partition.</summary>
    private readonly List<WorldVm?> _ofFeed = [];
    private EventTime _heartbeat = EventTime.Unknown;
    private EventTime _newestSample = EventTime.Unknown;
    private WorldTotals _totals = new(EventTime.Unknown, 0, 0, default, default);

    /// <param name="feed">Belongs to the task from here on.</param>
    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    public WorldTask(WorldOptions options, IDemandFeed feed)
    {
        var violations = string.Join("; ", options.Violations());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        _options = options;
        _feed = feed;
        _telemetry = new TelemetryWriter(new TopicPartition(options.Topics.Telemetry, options.Partition));
        foreach (var spec in options.Vms)
        {
            if (StableHash.Partition(spec.PoolId, options.PoolPartitions) != options.Partition)
                continue;
            var vm = new WorldVm(spec, _vms.Count);
            _vms.Add(vm);
            _byId.Add(spec.VmId, vm);
        }

        _baselines = new BaselineAllocations(options.ClosedLoop ? _vms.Count : 0, new MeanDeviationOptions());
    }

    /// <summary>All samples have been sent, and a heartbeat after them: no more will come.</summary>
    public bool Ended { get; private set; }

    /// <summary>As of the last heartbeat; empty outside a closed loop. May be read from any thread.</summary>
    public WorldTotals Totals => Volatile.Read(ref _totals);

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var inputs = new ProtoReader(batch[index].Value);
            while (inputs.Next())
            {
                if (inputs.Field == 9 && _options.ClosedLoop)
                    OnAllocation(AllocationCodec.Read(inputs.Message()));
                else if (inputs.Field == 15)
                    OnTick(Tick.Read(inputs.Message()), outputs);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_heartbeat.UnixMilliseconds);
        state.Int64(_newestSample.UnixMilliseconds);
        state.Bool(Ended);
        _totals.Save(state);
        state.Int64(_vms.Count);
        foreach (var vm in _vms)
        {
            state.Text(vm.VmId);
            vm.Allocation.Save(state);
        }

        state.Part(_baselines.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _heartbeat = new EventTime(state.Int64());
        _newestSample = new EventTime(state.Int64());
        Ended = state.Bool();
        _totals = WorldTotals.Load(ref state);
        for (var count = state.Int64(); count > 0; count--)
        {
            var vmId = state.Text();
            if (!_byId.TryGetValue(vmId, out var vm))
                throw new InvalidDataException($"state: VM {vmId}: expected one of the {_vms.Count} VMs of this world");
            vm.Allocation.Load(ref state);
        }

        _baselines.Load(state.Part());
        _totals = _totals.Beside(_baselines);
        _feed.SkipTo(_heartbeat);
    }

    public void Dispose() => _feed.Dispose();

    private void OnAllocation(Allocation allocation)
    {
        // A refusal changes nothing, and may not have read the size at all.
        if (allocation.Outcome == AllocationOutcome.Refused || !_byId.TryGetValue(allocation.VmId, out var vm))
            return;
        if (vm.Allocation.Add(allocation.ObservedAt, allocation.Observed))
            _totals = _totals with { Resizes = _totals.Resizes + 1 };
    }

    private void OnTick(in Tick tick, OutputBatch outputs)
    {
        if (tick.Source != TickSource.Execute)
            return;
        var until = tick.Time + _options.MaxAhead * _options.Cadence;
        var next = _heartbeat == EventTime.Unknown ? tick.Time : _heartbeat + _options.Cadence;
        for (; next <= until && !Ended; next += _options.Cadence)
            Publish(next, outputs);
    }

    private void Publish(EventTime until, OutputBatch outputs)
    {
        var (cpu, memory, samples) = (_totals.Cpu, _totals.Memory, 0);
        var sample = default(DemandSample);
        while (_feed.TryRead(until, ref sample))
        {
            _newestSample = sample.Time > _newestSample ? sample.Time : _newestSample;
            if (Find(sample.Vm) is not { } vm)
                continue;
            var throttled = double.NaN;
            if (_options.ClosedLoop)
            {
                var allocated = vm.Allocation.Mean(sample.Time, sample.Interval);
                var hours = sample.Interval.TotalHours;
                cpu = cpu.With(sample.CpuCores, allocated.CpuCores, vm.Provisioned.CpuCores, hours);
                memory = memory.With(sample.MemoryGib, allocated.MemoryGib, vm.Provisioned.MemoryGib, hours);
                samples++;
                Compare(vm, Resource.Cpu, sample.CpuCores);
                Compare(vm, Resource.Memory, sample.MemoryGib);
                throttled = Restrict(ref sample, allocated);
            }

            _telemetry.Add(vm.Utf8, sample, throttled, outputs);
        }

        _heartbeat = until;
        Ended = _feed.Ended && until > _newestSample;
        _telemetry.Heartbeat(until, outputs);
        var totals = _totals with { Until = until, Samples = _totals.Samples + samples, Cpu = cpu, Memory = memory };
        Volatile.Write(ref _totals, totals.Beside(_baselines));
    }

    private void Compare(WorldVm vm, Resource resource, double demand)
    {
        if (!double.IsNaN(demand))
            _baselines.Observe(vm.Index, resource, demand, vm.Provisioned[resource]);
    }

    /// <summary>
    /// Usage = min(demand, allocation). Throttled is the share of the CPU demand that was not given; a demand whose mean fits and whose
    /// maximum does not shows in a maximum that equals the allocation.
    /// </summary>
    private static double Restrict(ref DemandSample sample, VmSize allocated)
    {
        var demand = sample.CpuCores;
        sample.CpuCores = Math.Min(demand, allocated.CpuCores);
        sample.CpuCoresMax = Math.Min(sample.CpuCoresMax, allocated.CpuCores);
        sample.MemoryGib = Math.Min(sample.MemoryGib, allocated.MemoryGib);
        sample.CpuCoresAllocated = allocated.CpuCores;
        sample.MemoryGibAllocated = allocated.MemoryGib;
        return demand > 0 ? (demand - sample.CpuCores) / demand : double.IsNaN(demand) ? demand : 0;
    }

    private WorldVm? Find(int vm)
    {
        while (_ofFeed.Count <= vm)
            _ofFeed.Add(_byId.GetValueOrDefault(_feed.VmId(_ofFeed.Count)));
        return _ofFeed[vm];
    }

    /// <summary>State: one thread.</summary>
    private sealed class WorldVm(VmSpec spec, int index)
    {
        public string VmId => spec.VmId;

        public int Index => index;

        public VmSize Provisioned => spec.Provisioned;

        public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(spec.VmId);

        public AllocationHistory Allocation { get; } = new(spec.Provisioned);
    }
}
