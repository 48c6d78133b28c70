using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>
/// Loss of the expert <em>smoothing</em>'s points: level, damped trend (Gardner and McKenzie 1985) and a daily profile of two-hour means,
/// interpolated; |y − ŷ| at the lead times 1, 3, 6 and 12 windows. A missing window changes nothing; a censored actual costs nothing where
/// the point is above it.
/// </summary>
internal sealed class SmoothingLoss
{
    private const int ProfileValues = 12;

    /// <summary>A power of two above the longest lead time: points in flight, by target window.</summary>
    private const int Ring = 16;

    private static readonly int[] Leads = [1, 3, 6, 12];

    private readonly int _windowsPerDay;
    private readonly int[] _before;
    private readonly float[] _share;
    private readonly float[] _points = new float[Leads.Length * Ring];
    private readonly float[] _trendSums = new float[Leads.Length];
    private readonly float[] _profile = new float[ProfileValues];

    public SmoothingLoss(int windowsPerDay)
    {
        _windowsPerDay = windowsPerDay;
        _before = new int[windowsPerDay];
        _share = new float[windowsPerDay];
        for (var slot = 0; slot < windowsPerDay; slot++)
        {
            var position = slot * (ProfileValues / (float)windowsPerDay);
            _before[slot] = Math.Min((int)position, ProfileValues - 1);
            _share[slot] = position - _before[slot];
        }
    }

    /// <summary>Folds the whole series, and adds the loss of the targets from index <paramref name="from"/> on.</summary>
    public void Add(ReadOnlySpan<float> values, long firstWindow, int from, in SmoothingParameters parameters, ref LossSum sum)
    {
        Array.Fill(_points, float.NaN);
        Array.Clear(_profile);
        for (var lead = 0; lead < Leads.Length; lead++)
            _trendSums[lead] = TrendSum(parameters.Damping, Leads[lead]);
        var (level, trend, started) = (0f, 0f, false);
        var slot = (int)(firstWindow - (EventTime.FloorDiv(firstWindow, _windowsPerDay) * _windowsPerDay));
        for (var window = 0; window < values.Length; window++, slot = slot + 1 == _windowsPerDay ? 0 : slot + 1)
        {
            var value = values[window];
            if (window >= from && !float.IsNaN(value))
                Judge(window, value, ref sum);
            Forget(window);
            if (float.IsNaN(value))
                continue;
            value = Math.Abs(value);
            if (!started)
                (level, started) = (value, true);
            var season = Season(slot);
            var damped = parameters.Damping * trend;
            var surprise = value - (level + damped + season);
            level += damped + (parameters.Alpha * surprise);
            trend = damped + (parameters.Alpha * parameters.Beta * surprise);
            Learn(slot, parameters.Gamma * (value - level - season));
            Predict(window, slot, level, trend);
        }
    }

    private void Judge(int window, float value, ref LossSum sum)
    {
        var censored = float.IsNegative(value);
        value = Math.Abs(value);
        for (var lead = 0; lead < Leads.Length; lead++)
        {
            var point = _points[(lead * Ring) + (window & (Ring - 1))];
            if (float.IsNaN(point))
                continue;
            if (!censored || point < value)
                sum.Loss += Math.Abs(value - point);
            sum.Usage += value;
        }
    }

    /// <summary>Its slots are the next targets': what was meant for this window must not be judged against another.</summary>
    private void Forget(int window)
    {
        for (var lead = 0; lead < Leads.Length; lead++)
            _points[(lead * Ring) + (window & (Ring - 1))] = float.NaN;
    }

    private void Predict(int window, int slot, float level, float trend)
    {
        for (var lead = 0; lead < Leads.Length; lead++)
        {
            var target = slot + Leads[lead];
            var season = Season(target >= _windowsPerDay ? target - _windowsPerDay : target);
            _points[(lead * Ring) + ((window + Leads[lead]) & (Ring - 1))] = Math.Max(0, level + (_trendSums[lead] * trend) + season);
        }
    }

    private float Season(int slot)
    {
        var before = _before[slot];
        var lower = _profile[before];
        return lower + ((_profile[before + 1 == ProfileValues ? 0 : before + 1] - lower) * _share[slot]);
    }

    private void Learn(int slot, float left)
    {
        var before = _before[slot];
        _profile[before] += left * (1 - _share[slot]);
        _profile[before + 1 == ProfileValues ? 0 : before + 1] += left * _share[slot];
    }

    /// <summary>φ + φ² + … + φ^lead.</summary>
    private static float TrendSum(float damping, int lead)
    {
        var sum = 0f;
        for (var step = 0; step < lead; step++)
            sum = damping * (1 + sum);
        return sum;
    }
}
