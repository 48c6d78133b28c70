using StreamAllocator.Domain;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training;

/// <summary>
/// The versions of one model, and the champions that one can go back to. State of the train task; what it published says all of it again, so
/// that it need not be fitted anew.
/// </summary>
internal sealed class ModelHistory(string jobClass)
{
    private const int ChampionsKept = 8;

    /// <summary>The newest last; the first is what served before the first champion.</summary>
    private readonly List<SmoothingParameters> _champions = [];
    private long _version;

    public string ModelId { get; } = IdOf(jobClass);

    /// <summary>Ascends from 1; 0 before the first release.</summary>
    public long Version => _version;

    /// <summary>Tick that the newest release answered.</summary>
    public EventTime LastRelease { get; private set; } = EventTime.Unknown;

    /// <summary>What serves; null before the first champion.</summary>
    public SmoothingParameters? Champion => _champions.Count == 0 ? null : _champions[^1];

    public bool CanRollBack => _champions.Count > 1;

    public static string IdOf(string jobClass) => jobClass.Length == 0 ? "smoothing" : "smoothing." + jobClass;

    /// <summary>A champion if the fit beats what serves, else a challenger, which is recorded and serves nothing.</summary>
    public ModelRelease Release(in FittedParameters fitted, SmoothingParameters serving, EventTime tick, EventTime effective, string cause)
    {
        LastRelease = tick;
        if (fitted.Wins)
        {
            if (_champions.Count == 0)
                _champions.Add(serving);
            if (_champions.Count == ChampionsKept)
                _champions.RemoveAt(0);
            _champions.Add(fitted.Parameters);
        }

        return new ModelRelease(
            ModelId, jobClass, ++_version, effective, fitted.Wins ? ModelRole.Champion : ModelRole.Challenger, fitted.Parameters,
            fitted.ValidationLoss, fitted.ServingLoss, fitted.Windows, cause)
        {
            Earlier = fitted.Wins ? _champions[..^1] : [],
        };
    }

    /// <summary>A release of the parameters that served before the champion. It was not validated anew: its losses are 0.</summary>
    public ModelRelease RollBack(EventTime tick, EventTime effective)
    {
        LastRelease = tick;
        _champions.RemoveAt(_champions.Count - 1);
        return new ModelRelease(
            ModelId, jobClass, ++_version, effective, ModelRole.Champion, _champions[^1], 0, 0, 0, "rollback")
        {
            Earlier = _champions[..^1],
        };
    }

    /// <summary>As it stood after the newest champion and the newest challenger that were published, each with the tick it answered; at least one is there.</summary>
    public static ModelHistory Of(string jobClass, (ModelRelease Release, EventTime Tick)? champion, (ModelRelease Release, EventTime Tick)? challenger)
    {
        var newest = champion?.Release.Version > (challenger?.Release.Version ?? 0) ? champion!.Value : challenger!.Value;
        var model = new ModelHistory(jobClass) { _version = newest.Release.Version, LastRelease = newest.Tick };
        if (champion is { Release: var serving })
            model._champions.AddRange([.. serving.Earlier, serving.Smoothing]);
        return model;
    }

    public void Save(StateWriter state)
    {
        state.Text(jobClass);
        state.Int64(_version);
        state.Int64(LastRelease.UnixMilliseconds);
        state.Array<SmoothingParameters>(_champions.ToArray());
    }

    public static ModelHistory Load(ref StateReader state)
    {
        var model = new ModelHistory(state.Text()) { _version = state.Int64(), LastRelease = new EventTime(state.Int64()) };
        model._champions.AddRange(state.Array<SmoothingParameters>());
        return model;
    }
}
