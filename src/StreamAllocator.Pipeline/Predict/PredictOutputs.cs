using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Windowing;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Encodes what a predict task puts out and addresses it: each VM's records to its own partition, outlooks to the VM's pool.</summary>
internal sealed class PredictOutputs
{
    /// <summary>Outlooks in one record: about 5 MB, where the log takes 32.</summary>
    private const int MostOutlooks = 16_384;

    private readonly PredictOptions _options;
    private readonly ProtoWriter _writer = new();
    private readonly ForecastCodec _forecasts;
    private readonly OutlookColumns[] _outlooks;
    private readonly EvidenceColumns[] _evidence;
    private readonly int _partition;
    private readonly int _partitions;
    private readonly TopicPartition _features;
    private readonly TopicPartition _forecastsTopic;
    private readonly TopicPartition _errors;
    private readonly TopicPartition _retraining;
    private readonly DeadLetters _letters;
    private readonly string _telemetry;
    private readonly TopicPartition[] _poolInputs;

    public PredictOutputs(
        PredictOptions options, Topics topics, int partition, int partitions, int poolPartitions, int outputPartitions, string[] expertNames)
    {
        _options = options;
        _partition = partition;
        _partitions = partitions;
        _forecasts = new ForecastCodec(options.Windows.Size, options.PlanningLead, expertNames);
        _outlooks = [.. Enumerable.Range(0, poolPartitions).Select(_ => new OutlookColumns())];
        _evidence = [.. Enumerable.Range(0, poolPartitions).Select(_ => new EvidenceColumns())];
        // Where the number of outputs divides that of inputs, this is the partition that each of its VMs has among them.
        var output = partition % outputPartitions;
        _features = new TopicPartition(topics.Features, output);
        _forecastsTopic = new TopicPartition(topics.Forecasts, output);
        _errors = new TopicPartition(topics.ForecastErrors, output);
        _retraining = new TopicPartition(topics.Retraining, 0);
        _letters = new DeadLetters(topics);
        _telemetry = topics.Telemetry;
        _poolInputs = [.. Enumerable.Range(0, poolPartitions).Select(pool => new TopicPartition(topics.PoolInputs, pool))];
    }

    public void Features(
        OutputBatch outputs, VmRoster.Entry vm, WindowFeatures window, List<MetricFeature> metrics, List<Occurrence> events)
    {
        _writer.Clear();
        var local = LocalTime.Of(window.End, vm.Inventory.Zone.At(window.End));
        FeaturesCodec.Write(_writer, vm.Spec, window, local, metrics, events);
        outputs.Append(_features, window.End, vm.Key, SchemaHeaders.Features, _writer.Written);
    }

    public void Errors(OutputBatch outputs, VmRoster.Entry vm, EventTime target, ForecastErrors errors)
    {
        _writer.Clear();
        if (ForecastErrorsCodec.TryWrite(_writer, vm.Spec.VmId, target, errors))
            outputs.Append(_errors, target, vm.Key, SchemaHeaders.ForecastErrors, _writer.Written);
    }

    public void Forecast(OutputBatch outputs, VmRoster.Entry vm, WindowFeatures window, VmForecast forecast, bool warming)
    {
        _writer.Clear();
        _forecasts.Write(_writer, vm.Spec.VmId, window.End, forecast, warming, vm.ModelVersion);
        outputs.Append(_forecastsTopic, window.End, vm.Key, SchemaHeaders.Forecast, _writer.Written);
        AddOutlook(vm, window, forecast, warming);
        var pool = vm.PoolPartition(_outlooks.Length);
        if (_outlooks[pool].Count == MostOutlooks)
            Flush(outputs, pool, window.End);
    }

    /// <summary>Sends the outlooks of a closed window to each pool partition.</summary>
    public void Flush(OutputBatch outputs, EventTime origin)
    {
        for (var pool = 0; pool < _outlooks.Length; pool++)
        {
            if (_outlooks[pool].Count > 0)
                Flush(outputs, pool, origin);
        }
    }

    /// <summary>Notes what a VM has shown between two windows; it goes out with the tick.</summary>
    public void Evidence(VmRoster.Entry vm, OutlookFlags flags) =>
        _evidence[vm.PoolPartition(_evidence.Length)].Add(vm.Spec.VmId, flags);

    /// <summary>Hands the watermark on to every pool partition, and to the trainer where there is one.</summary>
    public void Tick(OutputBatch outputs, EventTime watermark)
    {
        var tick = new Tick(TickSource.Predict, _partition, _partitions, watermark);
        for (var pool = 0; pool < _poolInputs.Length; pool++)
        {
            _writer.Clear();
            _evidence[pool].Write(_writer);
            _evidence[pool].Clear();
            tick.Write(_writer, 15);
            outputs.Append(_poolInputs[pool], watermark, [], SchemaHeaders.PoolInputs, _writer.Written);
        }

        if (!_options.ExpectTrainer)
            return;
        _writer.Clear();
        tick.WriteFields(_writer);
        outputs.Append(_retraining, watermark, [], SchemaHeaders.Tick, _writer.Written);
    }

    /// <summary>Its key names the partition that asks: each key has one writer, so the order of its records is defined.</summary>
    public void Retraining(OutputBatch outputs, RetrainingRequest request)
    {
        _writer.Clear();
        RetrainingRequestCodec.WriteFields(_writer, request);
        var key = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{(request.JobClass.Length > 0 ? request.JobClass : "fleet")}/{_partition}"));
        outputs.Append(_retraining, request.Time, key, SchemaHeaders.RetrainingRequest, _writer.Written);
    }

    public void Late(OutputBatch outputs, SampleColumns samples, int index, long closedWindow)
    {
        var closed = EventTime.StartOfWindow(closedWindow + 1, _options.Windows.Size);
        DeadLetter(outputs, DeadLetterCause.Late, samples, index, $"its window is closed: expected an event time at or after {closed}");
    }

    /// <summary>The sample, written as the telemetry that it came from.</summary>
    public void DeadLetter(OutputBatch outputs, DeadLetterCause cause, SampleColumns samples, int index, string detail)
    {
        var vmId = samples.VmIds[(int)samples.Vm[index]];
        _writer.Clear();
        TelemetryCodec.Write(_writer, samples, index);
        var time = new EventTime(samples.Time[index]);
        var source = new TopicPartition(_telemetry, samples.SourcePartition);
        var record = new LogRecord(samples.SourceOffset[index], time, Encoding.UTF8.GetBytes(vmId), SchemaHeaders.Telemetry, _writer.Written);
        _letters.Append(outputs, cause, $"sample of VM '{vmId}' at {time}: {detail}", source, record);
    }

    public void DeadLetter(OutputBatch outputs, DeadLetterCause cause, string detail, TopicPartition source, in LogRecord record) =>
        _letters.Append(outputs, cause, detail, source, record);

    public void Quarantine(OutputBatch outputs, VmRoster.Entry vm, WindowFeatures window, Exception exception)
    {
        _writer.Clear();
        FeaturesCodec.Write(_writer, vm.Spec, window, default, [], []);
        var record = new LogRecord(0, window.End, vm.Key, SchemaHeaders.Features, _writer.Written);
        _letters.Append(
            outputs, DeadLetterCause.Quarantined, $"VM '{vm.Spec.VmId}' is left alone from here on: {exception.Message}", _features, record);
    }

    private void Flush(OutputBatch outputs, int pool, EventTime origin)
    {
        _outlooks[pool].Origin = origin;
        _writer.Clear();
        _outlooks[pool].Write(_writer, 1);
        outputs.Append(_poolInputs[pool], origin, [], SchemaHeaders.PoolInputs, _writer.Written);
        _outlooks[pool].Clear();
    }

    private void AddOutlook(VmRoster.Entry vm, WindowFeatures window, VmForecast forecast, bool warming)
    {
        if (!forecast.IsKnown(Resource.Cpu) && !forecast.IsKnown(Resource.Memory))
            return;
        var flags = (warming ? OutlookFlags.Warming : 0)
            | (window.Censored[0] ? OutlookFlags.CpuSaturated : 0)
            | (window.Censored[1] ? OutlookFlags.MemorySaturated : 0)
            | (window.ThrottledRatio > 0 ? OutlookFlags.Throttled : 0);
        var age = Math.Max(forecast.DataAgeWindows(Resource.Cpu), forecast.DataAgeWindows(Resource.Memory));
        _outlooks[vm.PoolPartition(_outlooks.Length)].Add(vm.Spec.VmId, age, flags, vm.ModelVersion, out var levels, out var dwell);
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            var at = resource * DemandOutlook.LevelsPerResource;
            levels[at] = window.Mean[resource];
            levels[at + 1] = window.Max[resource];
            levels[at + 2] = forecast.Mean((Resource)resource)[_options.PlanningLead - 1];
            levels[at + 3] = forecast.StandardDeviation((Resource)resource)[_options.PlanningLead - 1];
            forecast.DwellMaximum((Resource)resource, DwellHorizons.Hour).CopyTo(dwell[(resource * QuantileLevels.Count)..]);
            forecast.DwellMaximum((Resource)resource, DwellHorizons.Near)
                .CopyTo(dwell[((Resources.ResizableCount + resource) * QuantileLevels.Count)..]);
        }
    }
}
