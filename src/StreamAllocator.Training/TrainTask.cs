using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training;

/// <summary>
/// The slow lane: folds <c>retraining</c>, which carries the requests and predict's ticks. Once every predict partition has ticked T, all that
/// they wrote with event times up to T is committed: the requests up to T are answered, each class once, in order of the classes, from the
/// <c>features</c> in [T − span, T], and every <c>vm-inputs</c> partition gets the releases and the promise Tick(Train, T + lead): no
/// release that is effective earlier will come. Predict waits for that promise, so it takes a release up at the same window in every run.
/// A request that was answered is not answered again: what stands in <c>models</c> is the answer, also after the features it came from, and
/// the requests before it, are gone.
/// </summary>
public sealed class TrainTask : ITask
{
    private readonly TrainOptions _options;
    private readonly FeatureHistory _features;
    private readonly PublishedModels _published;
    private readonly ParameterFit _fit;
    private readonly TrainOutputs _outputs;
    private readonly DeadLetters _letters;
    private readonly SourceTicks _ticks;
    private readonly SortedDictionary<string, ModelHistory> _models = new(StringComparer.Ordinal);
    private readonly List<RetrainingRequest> _pending = [];
    private bool _knowsPublished;

    /// <param name="log">Where the features are read from.</param>
    /// <param name="vmPartitions">Partitions of <c>vm-inputs</c>.</param>
    /// <param name="featurePartitions">Partitions of <c>features</c>.</param>
    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    public TrainTask(TrainOptions options, Topics topics, IEventLog log, int vmPartitions, int featurePartitions)
    {
        var violations = string.Join("; ", options.Validate());
        if (violations.Length > 0)
            throw new ArgumentException(violations, nameof(options));
        _options = options;
        _features = new FeatureHistory(log, topics.Features, featurePartitions, options.Window, options.VmsPerClass);
        _published = new PublishedModels(log, topics.Models);
        _fit = new ParameterFit(options);
        _outputs = new TrainOutputs(topics, vmPartitions);
        _letters = new DeadLetters(topics);
        _ticks = new SourceTicks(options.SourceLagLimit);
        _ticks.Expect(TickSource.Predict);
    }

    public EventTime Reached => _ticks.Watermark;

    public void Step(RecordBatch batch, OutputBatch outputs)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            var record = batch[index];
            try
            {
                Fold(record, batch.Source, outputs);
            }
            catch (WireFormatException exception)
            {
                _letters.Append(outputs, DeadLetterCause.Malformed, exception.Message, batch.Source, record);
            }
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Part(_ticks.Save);
        state.Int64(_models.Count);
        foreach (var model in _models.Values)
            model.Save(state);
        state.Messages(_pending, RetrainingRequestCodec.WriteFields);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _ticks.Load(state.Part());
        for (var count = state.Int64(); count > 0; count--)
        {
            var model = ModelHistory.Load(ref state);
            _models.Add(model.ModelId, model);
        }

        _pending.AddRange(state.Messages(RetrainingRequestCodec.Read));
    }

    private void Fold(in LogRecord record, TopicPartition source, OutputBatch outputs)
    {
        RecordHeaders.TryFind(record.Headers, "schema"u8, out var schema);
        if (schema.SequenceEqual("streamallocator.v1.Tick"u8))
        {
            if (_ticks.Observe(Tick.Read(new ProtoReader(record.Value))))
                Advance(_ticks.Watermark, outputs);
        }
        else if (schema.SequenceEqual("streamallocator.v1.RetrainingRequest"u8))
        {
            var request = RetrainingRequestCodec.Read(new ProtoReader(record.Value));
            TakeUpPublished();
            if (request.Reason == RetrainingReason.Rollback && !(_models.TryGetValue(request.ModelId, out var model) && model.CanRollBack))
                _letters.Append(outputs, DeadLetterCause.Invalid, $"model '{request.ModelId}' has no earlier champion", source, record);
            else
                _pending.Add(request);
        }
        else
        {
            _letters.Append(
                outputs, DeadLetterCause.UnknownSchema, "expected streamallocator.v1.Tick or streamallocator.v1.RetrainingRequest", source, record);
        }
    }

    /// <summary>
    /// This task alone writes <c>models</c>, in one commit with its offset: once it is read, the state holds all of it. A task that is rebuilt
    /// may be told what it will have answered further on.
    /// </summary>
    private void TakeUpPublished()
    {
        if (_knowsPublished)
            return;
        _knowsPublished = true;
        foreach (var published in _published.Read())
        {
            if (!_models.TryGetValue(published.ModelId, out var known) || known.Version < published.Version)
                _models[published.ModelId] = published;
        }
    }

    private void Advance(EventTime tick, OutputBatch outputs)
    {
        var promise = tick + (_options.LeadWindows * _options.Window);
        if (_pending.Count > 0)
        {
            TakeUpPublished();
            RollBack(tick, promise, outputs);
            Refit(tick, promise, outputs);
        }

        _outputs.Promise(outputs, tick, promise);
    }

    /// <summary>A person's request has no source that ticks: it is answered at the first tick after its record, whatever its time.</summary>
    private void RollBack(EventTime tick, EventTime effective, OutputBatch outputs)
    {
        var wanted = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var request in _pending)
        {
            if (request.Reason == RetrainingReason.Rollback)
                wanted.Add(request.ModelId);
        }

        _pending.RemoveAll(request => request.Reason == RetrainingReason.Rollback);
        foreach (var modelId in wanted)
        {
            if (_models[modelId].LastRelease < tick)
                _outputs.Release(outputs, tick, _models[modelId].RollBack(tick, effective));
        }
    }

    private void Refit(EventTime tick, EventTime effective, OutputBatch outputs)
    {
        var causes = new SortedDictionary<string, RetrainingReason>(StringComparer.Ordinal);
        foreach (var request in _pending)
        {
            if (request.Time > tick || !IsDue(request.JobClass, tick))
                continue;
            if (!causes.TryGetValue(request.JobClass, out var cause) || request.Reason < cause)
                causes[request.JobClass] = request.Reason;
        }

        _pending.RemoveAll(request => request.Time <= tick);
        if (causes.Count == 0)
            return;
        var samples = _features.Read(causes.Keys, tick - _options.Span, tick);
        foreach (var (jobClass, cause) in causes)
        {
            var serving = Serving(jobClass);
            if (_fit.Fit(samples[jobClass], serving) is not { } fitted)
                continue;
            var modelId = ModelHistory.IdOf(jobClass);
            if (!_models.TryGetValue(modelId, out var model))
                _models.Add(modelId, model = new ModelHistory(jobClass));
            _outputs.Release(outputs, tick, model.Release(fitted, serving, tick, effective, cause.ToString().ToLowerInvariant()));
        }
    }

    private bool IsDue(string jobClass, EventTime tick) =>
        !_models.TryGetValue(ModelHistory.IdOf(jobClass), out var model)
        || (tick > model.LastRelease && tick - model.LastRelease >= _options.LeastDistance);

    /// <summary>As predict has it: a class without a champion of its own is served by the fleet's.</summary>
    private SmoothingParameters Serving(string jobClass)
    {
        if (_models.TryGetValue(ModelHistory.IdOf(jobClass), out var own) && own.Champion is { } champion)
            return champion;
        return _models.TryGetValue(ModelHistory.IdOf(""), out var fleet) && fleet.Champion is { } shared ? shared : _options.Forecast.Parameters;
    }
}
