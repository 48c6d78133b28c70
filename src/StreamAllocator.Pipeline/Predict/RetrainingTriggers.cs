using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>
/// Watches the served forecasts of each job class of a predict task, and asks for a refit at the window where one is due (schedule), where
/// the loss of the last day stands above the last week's (degradation), or where the share of actuals above the served 0.9 quantile leaves
/// its band (drift). State: <see cref="ClassHealth"/>, a few sums a class; O(1) and no allocation per observation.
/// </summary>
public sealed class RetrainingTriggers
{
    private readonly RetrainingOptions _options;
    private readonly SortedList<string, ClassHealth> _classes = new(StringComparer.Ordinal);
    private readonly double _leftOfDay;
    private readonly double _leftOfWeek;

    public RetrainingTriggers(RetrainingOptions options, TimeSpan window)
    {
        _options = options;
        _leftOfDay = ExactMath.Exp(-window.TotalDays);
        _leftOfWeek = ExactMath.Exp(-window.TotalDays / 7);
    }

    /// <summary>Takes in what one VM's window says of the forecasts that were served for it.</summary>
    public void Observe(string jobClass, ForecastErrors errors)
    {
        foreach (var resource in Resources.All)
            Observe(jobClass, resource, errors[resource, _options.Lead]);
    }

    /// <summary>Takes in a served forecast of the judged lead time against its actual.</summary>
    public void Observe(string jobClass, Resource resource, in ForecastError error)
    {
        if (error.IsKnown)
            Of(jobClass).Add((int)resource, error);
    }

    /// <summary>The window that ends here is closed: adds the requests that are due, in order of the classes.</summary>
    public void Close(EventTime end, List<RetrainingRequest> requests)
    {
        for (var index = 0; index < _classes.Count; index++)
        {
            var (jobClass, health) = (_classes.GetKeyAtIndex(index), _classes.GetValueAtIndex(index));
            if (health.ObservedSinceClose)
            {
                if (health.FirstSeen == EventTime.Unknown)
                    health.Start(end, end + _options.FirstAfter);
                if (Due(jobClass, health, end) is { } request)
                    requests.Add(request);
            }

            health.Decay(_leftOfDay, _leftOfWeek);
        }
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(_classes.Count);
        foreach (var (jobClass, health) in _classes)
        {
            state.Text(jobClass);
            health.Save(state);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
            _classes.Add(state.Text(), ClassHealth.Load(ref state));
    }

    private ClassHealth Of(string jobClass)
    {
        if (!_classes.TryGetValue(jobClass, out var health))
            _classes.Add(jobClass, health = new ClassHealth());
        return health;
    }

    private RetrainingRequest? Due(string jobClass, ClassHealth health, EventTime end)
    {
        if (health.LastRequest != EventTime.Unknown && end - health.LastRequest < _options.LeastDistance)
            return null;
        var request = Degradation(jobClass, health, end) ?? Drift(jobClass, health, end) ?? Schedule(jobClass, health, end);
        if (request is not null)
            health.LastRequest = end;
        return request;
    }

    private RetrainingRequest? Degradation(string jobClass, ClassHealth health, EventTime end)
    {
        if (health.Judged < _options.LeastEvidence)
            return null;
        var ratio = health.DayOverWeek();
        return ratio > _options.DegradationRatio
            ? new RetrainingRequest(jobClass, RetrainingReason.Degradation, end, ratio, _options.DegradationRatio,
                FormattableString.Invariant($"loss of the last day is {ratio:F3} of the last week's, lead {_options.Lead}"))
            : null;
    }

    private RetrainingRequest? Drift(string jobClass, ClassHealth health, EventTime end)
    {
        if (health.Judged < _options.LeastEvidence)
            return null;
        var share = health.Exceedance;
        if (share >= _options.LeastExceedance && share <= _options.MostExceedance)
            return null;
        var limit = share < _options.LeastExceedance ? _options.LeastExceedance : _options.MostExceedance;
        return new RetrainingRequest(jobClass, RetrainingReason.Drift, end, share, limit,
            FormattableString.Invariant($"{share:F3} of the last day's actuals lie above the 0.9 quantile, lead {_options.Lead}"));
    }

    private RetrainingRequest? Schedule(string jobClass, ClassHealth health, EventTime end)
    {
        if (end < health.NextScheduled)
            return null;
        var age = end - health.FirstSeen;
        var due = health.NextScheduled - health.FirstSeen;
        health.NextScheduled = end + _options.Every;
        return new RetrainingRequest(jobClass, RetrainingReason.Schedule, end, age.TotalDays, due.TotalDays,
            FormattableString.Invariant($"{age.TotalDays:F2} days since the first judged forecast"));
    }
}
