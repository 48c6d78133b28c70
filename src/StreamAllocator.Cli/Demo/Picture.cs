using System.Text;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Decisions;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Demo;

/// <summary>What a person sees of the allocator, folded from its public topics. One thread folds, another looks.</summary>
internal sealed class Picture
{
    private const int KeptLines = 40;
    private const int QuarterLead = 2;
    private const int HourLead = 11;
    private const int Q90 = 8;

    private readonly Topics _topics;
    private readonly EventTime _begun;
    private readonly Lock _gate = new();
    private readonly DecisionCodec _decisions = new();
    private readonly SortedDictionary<string, VmPicture> _vms = new(StringComparer.Ordinal);
    private readonly Queue<string> _changes = new();
    private readonly Queue<string> _foreseen = new();
    private EventTime _now;

    /// <param name="begun">Where this start of the demo goes on: only what comes after it is told in lines.</param>
    public Picture(Topics topics, Fleet fleet, EventTime begun)
    {
        _topics = topics;
        _begun = begun;
        _now = begun;
        foreach (var vm in fleet.Vms)
            _vms.Add(vm.VmId, new VmPicture(vm));
    }

    /// <summary>Calls back with everything standing still.</summary>
    /// <param name="look">Event time, VMs by id, changes and foreseen rises in words, the oldest first.</param>
    public T Look<T>(Func<EventTime, IReadOnlyCollection<VmPicture>, IReadOnlyCollection<string>, IReadOnlyCollection<string>, T> look)
    {
        lock (_gate)
        {
            return look(_now, _vms.Values, _changes, _foreseen);
        }
    }

    /// <summary>Foreseen rises not told yet, for a view of plain lines.</summary>
    public IReadOnlyList<string> TakeForeseen()
    {
        lock (_gate)
        {
            string[] taken = [.. _foreseen];
            _foreseen.Clear();
            return taken;
        }
    }

    public void Fold(RecordBatch batch)
    {
        lock (_gate)
        {
            for (var index = 0; index < batch.Count; index++)
            {
                var record = batch[index];
                if (record.Key.IsEmpty || !_vms.TryGetValue(Encoding.UTF8.GetString(record.Key), out var vm))
                    continue;
                if (batch.Source.Topic == _topics.Features)
                    OnFeatures(vm, Wire.Features.Parser.ParseFrom(record.Value));
                else if (batch.Source.Topic == _topics.Forecasts)
                    OnForecast(vm, Wire.Forecast.Parser.ParseFrom(record.Value));
                else if (batch.Source.Topic == _topics.Decisions)
                    OnDecision(vm, _decisions.Read(new ProtoReader(record.Value)));
                else if (AllocationCodec.Read(new ProtoReader(record.Value)) is { Outcome: not AllocationOutcome.Refused } allocation)
                    vm.Allocated = allocation.Observed;
            }
        }
    }

    private void OnFeatures(VmPicture vm, Wire.Features features)
    {
        vm.CpuUsed = features.Mean[(int)Resource.Cpu];
        vm.MemoryUsed = features.Mean[(int)Resource.Memory];
        if (vm.Foreseen(new EventTime(features.StartMs), features.Max[(int)Resource.Cpu]) is { } line)
            Tell(_foreseen, new EventTime(features.StartMs), line);
    }

    private static void OnForecast(VmPicture vm, Wire.Forecast forecast)
    {
        var cpu = forecast.Resources[(int)Resource.Cpu];
        if (cpu.Mean.Count <= HourLead)
            return;
        vm.NextQuarter = At(QuarterLead);
        vm.NextHour = At(HourLead);

        Expectation At(int lead) => new(cpu.Mean[lead], cpu.Quantiles[lead * QuantileLevels.Count + Q90]);
    }

    private void OnDecision(VmPicture vm, Decision decision)
    {
        _now = decision.EventTime > _now ? decision.EventTime : _now;
        if (decision.Kind == DecisionKind.Hold)
            return;
        var kind = decision.Kind.ToString().ToLowerInvariant();
        vm.LastChange = FormattableString.Invariant($"{decision.EventTime.ToDateTimeOffset():HH:mm} {kind}: {Explanation.Text(decision.Reason)}");
        // Deferred is asked again every round; the VM's line says so, the list would show nothing else.
        if (decision.Kind == DecisionKind.Deferred)
            return;
        var reasons = Explanation.Reasons(decision);
        var why = reasons.Count > 1 ? string.Join("; ", reasons.Skip(1)) : reasons[0];
        Tell(_changes, decision.EventTime, $"{decision.VmId} {kind}  {why}");
        if (decision.Target.CpuCores > decision.Allocated.CpuCores)
            vm.Grown(decision.EventTime, decision.Allocated.CpuCores, decision.Target.CpuCores);
    }

    private void Tell(Queue<string> lines, EventTime time, string line)
    {
        if (time < _begun)
            return;
        if (lines.Count == KeptLines)
            lines.Dequeue();
        lines.Enqueue(FormattableString.Invariant($"{time.ToDateTimeOffset():dd HH:mm}  {line}"));
    }
}
