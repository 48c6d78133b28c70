using StreamAllocator.Domain;
using StreamAllocator.Forecasting;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>How the forecasts of one job class did: sums that fade with a memory of a day, and of a week.</summary>
internal sealed class ClassHealth
{
    private const int DayLoss = 0;
    private const int DayActual = 1;
    private const int WeekLoss = 2;
    private const int WeekActual = 3;
    private const int SumsPerResource = 4;
    private const int Above = Resources.Count * SumsPerResource;
    private const int Seen = Above + 1;
    private const int SumCount = Seen + 1;

    private readonly double[] _sums;

    public ClassHealth()
        : this(new double[SumCount])
    {
    }

    private ClassHealth(double[] sums) => _sums = sums;

    public EventTime FirstSeen { get; private set; } = EventTime.Unknown;

    public EventTime NextScheduled { get; set; } = EventTime.Unknown;

    public EventTime LastRequest { get; set; } = EventTime.Unknown;

    public bool ObservedSinceClose { get; private set; }

    /// <summary>Judged forecasts of the last day.</summary>
    public double Judged => _sums[Seen];

    /// <summary>Share of the last day's actuals above the served 0.9 quantile.</summary>
    public double Exceedance => _sums[Above] / _sums[Seen];

    public void Start(EventTime firstSeen, EventTime nextScheduled) => (FirstSeen, NextScheduled) = (firstSeen, nextScheduled);

    public void Add(int resource, in ForecastError error)
    {
        ObservedSinceClose = true;
        var at = resource * SumsPerResource;
        var actual = Math.Abs((double)error.Actual);
        _sums[at + DayLoss] += error.Loss;
        _sums[at + DayActual] += actual;
        _sums[at + WeekLoss] += error.Loss;
        _sums[at + WeekActual] += actual;

        // A censored actual below the quantile may stand for a demand above it: it says nothing.
        if (error.Censored && error.Actual <= error.Upper)
            return;
        _sums[Seen]++;
        if (error.Actual > error.Upper)
            _sums[Above]++;
    }

    /// <summary>Loss per unit of usage of the last day over that of the last week, mean over the resources that have both; 1 where none has.</summary>
    public double DayOverWeek()
    {
        var (sum, count) = (0.0, 0);
        for (var at = 0; at < Above; at += SumsPerResource)
        {
            if (!(_sums[at + WeekLoss] > 0 && _sums[at + DayActual] > 0))
                continue;
            sum += _sums[at + DayLoss] / _sums[at + DayActual] / (_sums[at + WeekLoss] / _sums[at + WeekActual]);
            count++;
        }

        return count == 0 ? 1 : sum / count;
    }

    public void Decay(double leftOfDay, double leftOfWeek)
    {
        ObservedSinceClose = false;
        for (var at = 0; at < Above; at += SumsPerResource)
        {
            _sums[at + DayLoss] *= leftOfDay;
            _sums[at + DayActual] *= leftOfDay;
            _sums[at + WeekLoss] *= leftOfWeek;
            _sums[at + WeekActual] *= leftOfWeek;
        }

        _sums[Above] *= leftOfDay;
        _sums[Seen] *= leftOfDay;
    }

    public void Save(StateWriter state)
    {
        state.Int64(FirstSeen.UnixMilliseconds);
        state.Int64(NextScheduled.UnixMilliseconds);
        state.Int64(LastRequest.UnixMilliseconds);
        state.Bool(ObservedSinceClose);
        state.Array<double>(_sums);
    }

    public static ClassHealth Load(ref StateReader state)
    {
        var (first, next, last) = (new EventTime(state.Int64()), new EventTime(state.Int64()), new EventTime(state.Int64()));
        var observed = state.Bool();
        var sums = state.Array<double>();
        if (sums.Length != SumCount)
            throw new InvalidDataException($"retraining state: {sums.Length} sums, expected {SumCount}");
        return new ClassHealth(sums) { FirstSeen = first, NextScheduled = next, LastRequest = last, ObservedSinceClose = observed };
    }
}
