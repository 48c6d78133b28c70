using System.Text;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Server.Contract;

namespace StreamAllocator.Server.Views;

/// <summary>
/// What the API shows, folded from the public topics in memory: the newest of everything, and a bounded tail of decisions and requests. One
/// thread folds, any thread asks.
/// </summary>
internal sealed class FleetView(Topics topics, ServerOptions options, AllocatorMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, VmView> _vms = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, HostSpec> _hosts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ModelRelease> _models = new(StringComparer.Ordinal);
    private readonly RequestBook _requests = new(options.MaxRequests);
    private readonly DecisionCodec _decisions = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventTime _newest = EventTime.Unknown;
    private bool _isCurrent;

    /// <summary>Completes when something more has been folded. Take it before looking, so that nothing is missed.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>All that the log held at the start has been folded; decisions are counted in the metrics from then on.</summary>
    public bool IsCurrent
    {
        get
        {
            lock (_gate)
            {
                return _isCurrent;
            }
        }
    }

    /// <summary>The newest event time of a forecast or decision; unknown before the first.</summary>
    public EventTime Newest
    {
        get
        {
            lock (_gate)
            {
                return _newest;
            }
        }
    }

    public void BecomeCurrent()
    {
        lock (_gate)
        {
            _isCurrent = true;
            Pulse();
        }
    }

    /// <summary>Folds a batch; hands over what is wrong with each record that it could not read.</summary>
    public void Fold(RecordBatch batch, Action<long, string> malformed)
    {
        lock (_gate)
        {
            for (var index = 0; index < batch.Count; index++)
            {
                try
                {
                    Fold(batch.Source.Topic, batch[index]);
                }
                catch (Exception exception) when (exception is WireFormatException or InvalidProtocolBufferException or ArgumentException)
                {
                    malformed(batch[index].Offset, exception.Message);
                }
            }

            Pulse();
        }
    }

    /// <summary>A request that this server has just written.</summary>
    public void Note(ControlRequest request)
    {
        lock (_gate)
        {
            _requests.Add(request);
            Pulse();
        }
    }

    public ControlRequest? FindRequest(string requestId)
    {
        lock (_gate)
        {
            return _requests.TryFind(requestId, out var request) ? request : null;
        }
    }

    public RequestAnswer? Request(string requestId)
    {
        lock (_gate)
        {
            return _requests.Find(requestId);
        }
    }

    public VmAnswer? Vm(string vmId)
    {
        lock (_gate)
        {
            return _vms.TryGetValue(vmId, out var vm) && vm.Spec is { } spec ? vm.Answer(spec) : null;
        }
    }

    public bool HasVm(string vmId)
    {
        lock (_gate)
        {
            return _vms.TryGetValue(vmId, out var vm) && vm.Spec is not null;
        }
    }

    public bool HasPool(string poolId)
    {
        lock (_gate)
        {
            return _hosts.Values.Any(host => host.PoolId == poolId) || _vms.Values.Any(vm => vm.Spec?.PoolId == poolId);
        }
    }

    /// <param name="pool">Null takes all pools.</param>
    /// <param name="after">Only ids behind this one; null begins with the first.</param>
    public VmListAnswer Vms(string? pool, string? after, int limit)
    {
        lock (_gate)
        {
            var found = new List<VmAnswer>();
            foreach (var (vmId, vm) in _vms)
            {
                if (vm.Spec is not { } spec || (pool is not null && spec.PoolId != pool) || string.CompareOrdinal(vmId, after) <= 0)
                    continue;
                if (found.Count == limit)
                    return new VmListAnswer(found, found[^1].VmId);
                found.Add(vm.Answer(spec));
            }

            return new VmListAnswer(found, null);
        }
    }

    /// <summary>The newest forecast, encoded; null where there is none yet.</summary>
    public byte[]? Forecast(string vmId)
    {
        lock (_gate)
        {
            return _vms.GetValueOrDefault(vmId)?.Forecast;
        }
    }

    /// <summary>The newest decisions, the newest first.</summary>
    public IReadOnlyList<Decision> Decisions(string vmId, int limit)
    {
        lock (_gate)
        {
            return _vms.TryGetValue(vmId, out var vm)
                ? [.. vm.Decisions.Reverse().Take(limit).Select(encoded => _decisions.Read(new ProtoReader(encoded)))]
                : [];
        }
    }

    public PoolListAnswer Pools()
    {
        lock (_gate)
        {
            var pools = new SortedDictionary<string, PoolTotals>(StringComparer.Ordinal);
            foreach (var host in _hosts.Values)
                Of(host.PoolId).Add(host);
            foreach (var vm in _vms.Values)
            {
                if (vm.Spec is { } spec)
                    Of(spec.PoolId).Add(spec, vm.Held);
            }

            return new PoolListAnswer([.. pools.Values.Select(pool => pool.Answer(options.Decisions))]);

            PoolTotals Of(string poolId)
            {
                if (!pools.TryGetValue(poolId, out var totals))
                    pools.Add(poolId, totals = new PoolTotals(poolId));
                return totals;
            }
        }
    }

    public ModelListAnswer Models()
    {
        lock (_gate)
        {
            return new ModelListAnswer([.. _models.Values.Select(ModelAnswer.Of)]);
        }
    }

    /// <summary>The newest champion of a model, or null where there is none.</summary>
    public ModelAnswer? Model(string modelId)
    {
        lock (_gate)
        {
            return _models.TryGetValue(modelId, out var release) ? ModelAnswer.Of(release) : null;
        }
    }

    private void Fold(string topic, in LogRecord record)
    {
        var key = Encoding.UTF8.GetString(record.Key);
        if (topic == topics.Vms)
            FoldVm(key, record.Value);
        else if (topic == topics.Hosts)
            Put(_hosts, key, record.Value.IsEmpty ? null : HostSpecCodec.Read(new ProtoReader(record.Value)));
        else if (topic == topics.Models && Has(record, SchemaHeaders.ModelRelease))
            Put(_models, key, record.Value.IsEmpty ? null : ModelReleaseCodec.Read(new ProtoReader(record.Value)));
        else if (topic == topics.Requests)
            _requests.Add(ControlRequestCodec.Read(new ProtoReader(record.Value)));
        else if (topic == topics.Features)
            FoldFeatures(Of(key), record);
        else if (topic == topics.Forecasts)
            FoldForecast(Of(key), record);
        else if (topic == topics.Decisions)
            FoldDecision(Of(key), record);
        else if (topic == topics.Allocations)
            FoldAllocation(Of(key), record.Value);
    }

    private void FoldVm(string vmId, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            _vms.Remove(vmId);
        else
            Of(vmId).Spec = VmSpecCodec.Read(new ProtoReader(value));
    }

    private void FoldFeatures(VmView vm, in LogRecord record)
    {
        vm.Features = record.Value.ToArray();
        metrics.Seen("predict", record.Time);
    }

    private void FoldForecast(VmView vm, in LogRecord record)
    {
        vm.Forecast = record.Value.ToArray();
        vm.ForecastOrigin = record.Time;
        Advance(record.Time);
        metrics.Seen("predict", record.Time);
    }

    private void FoldDecision(VmView vm, in LogRecord record)
    {
        var decision = _decisions.Read(new ProtoReader(record.Value));
        vm.Add(decision, record.Value.ToArray());
        _requests.Answer(decision, vm.Allocation);
        Advance(record.Time);
        metrics.Seen("decide", record.Time);
        if (_isCurrent)
            metrics.Decision(decision.Kind, decision.Reason);
    }

    private void FoldAllocation(VmView vm, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            return;
        var allocation = AllocationCodec.Read(new ProtoReader(value));
        vm.Allocation = allocation;
        _requests.Observe(allocation);
        metrics.Seen("execute", allocation.ObservedAt);
    }

    private static bool Has(in LogRecord record, byte[] schema) => record.Headers.IsEmpty || record.Headers.SequenceEqual(schema);

    private static void Put<T>(SortedDictionary<string, T> into, string key, T? value)
        where T : class
    {
        if (value is null)
            into.Remove(key);
        else
            into[key] = value;
    }

    private VmView Of(string vmId)
    {
        if (!_vms.TryGetValue(vmId, out var vm))
            _vms.Add(vmId, vm = new VmView(options.DecisionsPerVm));
        return vm;
    }

    private void Advance(EventTime time)
    {
        if (time > _newest)
            _newest = time;
    }

    private void Pulse()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
