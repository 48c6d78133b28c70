using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Windowing;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>
/// Folds one partition of <c>vm-inputs</c>: samples into windows, closed windows into features and forecasts, forecasts against actuals
/// into errors, and what deciding needs of them into <c>pool-inputs</c>. Time is the watermark of its sources' ticks.
/// </summary>
public sealed class PredictTask : ITask
{
    private readonly PredictOptions _options;
    private readonly SourceTicks _ticks;
    private readonly WindowBank _windows;
    private readonly MetricBank _metrics = new();
    private readonly OccurrenceBook _occurrences = new();
    private readonly VmRoster _vms = new();
    private readonly Releases _releases = new();
    private readonly PredictOutputs _outputs;
    private readonly VmForecast _forecast;
    private readonly ForecastErrors _errors = new();
    private readonly RetrainingTriggers _triggers;
    private readonly List<RetrainingRequest> _requests = [];
    private readonly WindowFeatures _features = new();
    private readonly List<MetricFeature> _metricFeatures = [];
    private readonly List<Occurrence> _events = [];
    private readonly SampleColumns _samples = new();
    private readonly StringPool _names = new();
    private ForecastEngine _engine;
    private int[] _rowOf = [];

    /// <param name="outputPartitions">Of the topics that it writes by VM: as many as of its input, or a part of that number.</param>
    public PredictTask(PredictOptions options, Topics topics, int partition, int partitions, int poolPartitions, int outputPartitions)
    {
        _options = options;
        _ticks = new SourceTicks(options.SourceLagWindows * options.Windows.Size);
        if (options.ExpectTrainer)
            _ticks.Expect(TickSource.Train);
        _windows = new WindowBank(options.Windows);
        _triggers = new RetrainingTriggers(options.Retraining, options.Windows.Size);
        _engine = new ForecastEngine(options.Forecast);
        _forecast = _engine.NewForecast();
        _outputs = new PredictOutputs(options, topics, partition, partitions, poolPartitions, outputPartitions, _engine.ExpertNames.ToArray());
    }

    public EventTime Reached => _ticks.Watermark;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            try
            {
                Fold(record, outputs);
            }
            catch (WireFormatException exception)
            {
                _outputs.DeadLetter(outputs, DeadLetterCause.Malformed, exception.Message, batch.Source, record);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Part(_ticks.Save);
        state.Part(_windows.Save);
        state.Part(_metrics.Save);
        state.Part(_occurrences.Save);
        state.Part(_vms.Save);
        state.Part(_releases.Save);
        state.Part(_triggers.Save);
        state.Part(_engine.Save);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _ticks.Load(state.Part());
        _windows.Load(state.Part());
        _metrics.Load(state.Part());
        _occurrences.Load(state.Part());
        _vms.Load(state.Part());
        _releases.Load(state.Part());
        _triggers.Load(state.Part());
        _engine = ForecastEngine.Load(_options.Forecast, state.Part());
    }

    /// <summary>The health of the classes stays that of all VMs that it was judged by: it fades within days.</summary>
    public void Keep(int partition, int partitions)
    {
        var rows = _vms.Keep(partition, partitions);
        _windows.Keep(rows);
        _metrics.Keep(rows);
        _engine.Keep(rows);
    }

    private void Fold(in LogRecord record, OutputBatch outputs)
    {
        var reader = new ProtoReader(record.Value);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    _samples.Read(reader.Message(), _names);
                    Observe(outputs);
                    break;
                case 2:
                    Put(VmInventoryCodec.Read(reader.Message()));
                    break;
                case 3:
                    _occurrences.Add(OccurrenceCodec.Read(reader.Message()));
                    break;
                case 4:
                    _releases.Add(ModelReleaseCodec.Read(reader.Message()));
                    break;
                case 15:
                    Advance(Tick.Read(reader.Message()), outputs);
                    break;
            }
        }
    }

    private void Put(VmInventory inventory)
    {
        if (inventory.Removed)
        {
            _vms.Remove(inventory.Spec.VmId);
            return;
        }

        if (_vms.Put(inventory, out var row))
        {
            _windows.Add();
            _engine.Add();
            _releases.ApplyNewest(inventory.Spec.JobClass, _vms[row], row, _engine);
            _windows.SetAllocated(row, inventory.Spec.Provisioned);
        }

        _engine.SetCapacity(row, Resource.Cpu, (float)inventory.Spec.Upper.CpuCores);
        _engine.SetCapacity(row, Resource.Memory, (float)inventory.Spec.Upper.MemoryGib);
    }

    private void Observe(OutputBatch outputs)
    {
        FindRows();
        var metric = 0;
        for (var index = 0; index < _samples.Count; index++)
        {
            var row = _rowOf[_samples.Vm[index]];
            if (row < 0)
            {
                _outputs.DeadLetter(outputs, DeadLetterCause.UnknownVm, _samples, index, "not in the inventory (topic vms)");
                SkipMetrics(index, ref metric);
                continue;
            }

            var verdict = _windows.Observe(row, Sample(index));
            if (verdict is SampleVerdict.Accepted)
                ObserveMetrics(outputs, row, index, ref metric);
            else
                SkipMetrics(index, ref metric);
            if (verdict is SampleVerdict.Late)
                _outputs.Late(outputs, _samples, index, _windows.Closed);
            else if (verdict is SampleVerdict.TooFarAhead)
                _outputs.DeadLetter(outputs, DeadLetterCause.FutureDated, _samples, index, "further ahead than windows are kept open");
        }
    }

    /// <summary>Metrics stand in the order of their samples. A VM's share is known here alone: its samples may come by several ingest partitions.</summary>
    private void ObserveMetrics(OutputBatch outputs, int row, int sample, ref int metric)
    {
        var window = _windows.WindowOf(new EventTime(_samples.Time[sample]));
        var (refused, first) = (0, "");
        for (; metric < _samples.MetricCount && _samples.MetricSample[metric] == sample; metric++)
        {
            var name = _samples.MetricNames[(int)_samples.MetricName[metric]];
            if (!_metrics.Observe(row, window, name, _samples.MetricValue[metric]) && refused++ == 0)
                first = name;
        }

        if (refused > 0)
        {
            _outputs.DeadLetter(
                outputs, DeadLetterCause.TooManyMetrics, _samples, sample,
                $"{refused} of its metrics, '{first}' the first of them, are not among the VM's {MetricBank.MaxPerVm}; all else in it counts");
        }
    }

    private void SkipMetrics(int sample, ref int metric)
    {
        while (metric < _samples.MetricCount && _samples.MetricSample[metric] == sample)
            metric++;
    }

    private void FindRows()
    {
        var ids = _samples.VmIds;
        if (_rowOf.Length < ids.Count)
            _rowOf = new int[Math.Max(ids.Count, _rowOf.Length * 2)];
        for (var index = 0; index < ids.Count; index++)
            _rowOf[index] = _vms.Find(ids[index]);
    }

    private UsageSample Sample(int index) => new(
        new EventTime(_samples.Time[index]),
        _samples.Values(0)[index],
        _samples.Values(1)[index],
        _samples.Values(2)[index],
        _samples.Values(3)[index],
        _samples.Values(4)[index],
        _samples.Values(5)[index],
        _samples.Values(6)[index],
        _samples.Values(7)[index]);

    /// <summary>Closes every window that ends at or before the new watermark, then hands the tick on.</summary>
    private void Advance(in Tick tick, OutputBatch outputs)
    {
        if (_windows.Closed == long.MinValue && tick.Source == TickSource.Ingest)
            _windows.StartAfter(_windows.WindowOf(tick.Time) - 1);
        if (!_ticks.Observe(tick))
            return;
        var last = _windows.WindowOf(_ticks.Watermark) - 1;
        var closes = _windows.Closed < last;
        while (_windows.Closed < last)
            CloseWindow(_windows.Closed + 1, outputs);
        if (!closes)
            Glance();
        _outputs.Tick(outputs, _ticks.Watermark);
    }

    /// <summary>Between two windows: who is saturated in the open one. Saturation does not wait for the window to close.</summary>
    private void Glance()
    {
        for (var row = 0; row < _vms.Count; row++)
        {
            if (!_vms[row].IsPresent || _vms[row].IsQuarantined)
                continue;
            var (cpu, memory, throttled) = _windows.Glance(row, _windows.Closed + 1);
            var flags = (cpu ? OutlookFlags.CpuSaturated : 0)
                | (memory ? OutlookFlags.MemorySaturated : 0)
                | (throttled ? OutlookFlags.Throttled : 0);
            if (flags != OutlookFlags.None)
                _outputs.Evidence(_vms[row], flags);
        }
    }

    private void CloseWindow(long window, OutputBatch outputs)
    {
        var end = EventTime.StartOfWindow(window + 1, _options.Windows.Size);
        _releases.Apply(end, _vms, _engine);
        for (var row = 0; row < _vms.Count; row++)
        {
            var vm = _vms[row];
            _windows.Take(row, window, _features);
            _metrics.Take(row, window, _metricFeatures);
            if (!vm.IsPresent || vm.IsQuarantined)
                continue;
            try
            {
                Predict(row, vm, window, outputs);
            }
            catch (Exception exception) when (exception is ArithmeticException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
            {
                vm.IsQuarantined = true;
                _outputs.Quarantine(outputs, vm, _features, exception);
            }
        }

        _windows.Close(window);
        _occurrences.Forget(end);
        _triggers.Close(end, _requests);
        foreach (var request in _requests)
            _outputs.Retraining(outputs, request);
        _requests.Clear();
        _outputs.Flush(outputs, end);
    }

    private void Predict(int row, VmRoster.Entry vm, long window, OutputBatch outputs)
    {
        foreach (var mean in _features.Mean)
        {
            if (float.IsInfinity(mean) || mean < 0)
                throw new ArithmeticException(FormattableString.Invariant($"usage mean {mean}: expected missing, or a finite number, 0 or more"));
        }

        _occurrences.Find(vm.Spec, _features.Start, _features.End, _events);
        _outputs.Features(outputs, vm, _features, _metricFeatures, _events);
        _engine.Observe(row, window, Observation(), _errors);
        _outputs.Errors(outputs, vm, _features.End, _errors);
        _triggers.Observe(vm.Spec.JobClass, _errors);
        if (!_features.IsMissing)
            vm.KnownWindows++;
        _engine.Forecast(row, _forecast);
        _outputs.Forecast(outputs, vm, _features, _forecast, vm.KnownWindows < _options.WarmingWindows);
    }

    private WindowObservation Observation() => new(
        new ResourceObservation(_features.Mean[0], _features.Max[0], _features.Censored[0]),
        new ResourceObservation(_features.Mean[1], _features.Max[1], _features.Censored[1]),
        new ResourceObservation(_features.Mean[2], _features.Max[2]),
        new ResourceObservation(_features.Mean[3], _features.Max[3]));
}
