using StreamAllocator.Domain;
using StreamAllocator.Forecasting;

namespace StreamAllocator.Training.Fitting;

/// <summary>
/// Loss of what predict would have served with some parameters: its own forecast engine folds the sample, and each forecast is judged when
/// its actual comes. An expert that is better alone need not help the average that is served, so nothing less will do. Capacities are not in
/// the features: no forecast is cut at them here.
/// </summary>
internal sealed class ServedLoss
{
    /// <summary>Floor of the loss per usage: a resource that never changes has none, and a ratio to none says nothing.</summary>
    private const double Least = 1e-6;

    private readonly ForecastEngine _engine;
    private readonly VmForecast _forecast;
    private readonly ForecastErrors _errors = new();
    private readonly double[] _loss = new double[Resources.Count];
    private readonly double[] _usage = new double[Resources.Count];

    public ServedLoss(ForecastOptions options)
    {
        _engine = new ForecastEngine(options);
        _engine.Add();
        _forecast = _engine.NewForecast();
    }

    /// <summary>
    /// Geometric mean, over the resources in use, of the pinball loss per unit of usage, over all VMs and lead times, of the actuals in the
    /// windows [<paramref name="from"/>, <paramref name="to"/>) of the sample; NaN where none was used. The sample is folded from its beginning
    /// with the parameters <paramref name="before"/>, and those <paramref name="after"/> are taken up at <paramref name="from"/>.
    /// </summary>
    public double Of(ClassSample sample, in SmoothingParameters before, in SmoothingParameters after, int from, int to)
    {
        Array.Clear(_loss);
        Array.Clear(_usage);
        foreach (var series in sample.Series)
        {
            _engine.Reset(0);
            _engine.SetParameters(0, before);
            for (var window = 0; window < to; window++)
            {
                if (window == from)
                    _engine.SetParameters(0, after);
                _engine.Observe(0, sample.FirstWindow + window, Observation(series, sample.Windows, window), _errors);
                if (window >= from)
                    Judge();
                _engine.Forecast(0, _forecast);
            }
        }

        return Mean();
    }

    private void Judge()
    {
        foreach (var resource in Resources.All)
        {
            for (var lead = 1; lead <= Horizon.Leads; lead++)
            {
                ref readonly var error = ref _errors[resource, lead];
                if (!error.IsKnown)
                    continue;
                _loss[(int)resource] += error.Loss;
                _usage[(int)resource] += error.Actual;
            }
        }
    }

    private double Mean()
    {
        var (sum, count) = (0.0, 0);
        for (var resource = 0; resource < Resources.Count; resource++)
        {
            if (!(_usage[resource] > 0))
                continue;
            sum += ExactMath.Log(Math.Max(Least, _loss[resource] / _usage[resource]));
            count++;
        }

        return count == 0 ? double.NaN : ExactMath.Exp(sum / count);
    }

    private static WindowObservation Observation(float[] series, int windows, int window)
    {
        return new WindowObservation(Of(0), Of(1), Of(2), Of(3));

        ResourceObservation Of(int resource)
        {
            var value = series[(resource * windows) + window];
            return new ResourceObservation(Math.Abs(value), float.NaN, float.IsNegative(value));
        }
    }
}
