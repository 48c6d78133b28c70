using StreamAllocator.Domain;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training;

/// <summary>The versions of one model, and the champions that one can go back to. State of the train task.</summary>
internal sealed class ModelHistory(string jobClass)
{
    private const int ChampionsKept = 8;

    /// <summary>The newest last; the first is what served before the first champion.</summary>
    private readonly List<SmoothingParameters> _champions = [];
    private long _version;

    public string ModelId { get; } = IdOf(jobClass);

    public EventTime LastFit { get; private set; } = EventTime.Unknown;

    /// <summary>What serves; null before the first champion.</summary>
    public SmoothingParameters? Champion => _champions.Count == 0 ? null : _champions[^1];

    public bool CanRollBack => _champions.Count > 1;

    public static string IdOf(string jobClass) => jobClass.Length == 0 ? "smoothing" : "smoothing." + jobClass;

    /// <summary>A champion if the fit beats what serves, else a challenger, which is recorded and serves nothing.</summary>
    public ModelRelease Release(in FittedParameters fitted, SmoothingParameters serving, EventTime tick, EventTime effective, string cause)
    {
        LastFit = tick;
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
            fitted.ValidationLoss, fitted.ServingLoss, fitted.Windows, cause);
    }

    /// <summary>A release of the parameters that served before the champion. It was not validated anew: its losses are 0.</summary>
    public ModelRelease RollBack(EventTime effective)
    {
        _champions.RemoveAt(_champions.Count - 1);
        return new ModelRelease(
            ModelId, jobClass, ++_version, effective, ModelRole.Champion, _champions[^1], 0, 0, 0, "rollback");
    }

    public void Save(StateWriter state)
    {
        state.Text(jobClass);
        state.Int64(_version);
        state.Int64(LastFit.UnixMilliseconds);
        state.Array<SmoothingParameters>(_champions.ToArray());
    }

    public static ModelHistory Load(ref StateReader state)
    {
        var model = new ModelHistory(state.Text()) { _version = state.Int64(), LastFit = new EventTime(state.Int64()) };
        model._champions.AddRange(state.Array<SmoothingParameters>());
        return model;
    }
}
