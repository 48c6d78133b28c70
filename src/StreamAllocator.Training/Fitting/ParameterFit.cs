using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>What a fit found, beside what serves.</summary>
/// <param name="ValidationLoss">Of the parameters found, on the part of the span that the fit did not see.</param>
/// <param name="ServingLoss">Of the parameters in force, on the same part.</param>
/// <param name="Windows">Known values that the fit saw.</param>
/// <param name="Wins">Its loss is the smaller one by the margin.</param>
public readonly record struct FittedParameters(
    SmoothingParameters Parameters, double ValidationLoss, double ServingLoss, long Windows, bool Wins);

/// <summary>
/// Coordinate search from the parameters in force: each parameter in turn over a fixed grid, until a round brings nothing, then a fixed
/// number of finer steps around the best. A candidate is taken only if its loss on the first part of the span is strictly smaller. The
/// half-life belongs to another expert than the rest, so it is searched alone. The same values in give the same bits out.
/// </summary>
public sealed class ParameterFit(TrainOptions options)
{
    private const int Rounds = 3;

    private static readonly float[] Alphas = [0.05f, 0.1f, 0.2f, 0.35f, 0.5f, 0.7f, 0.9f];
    private static readonly float[] Betas = [0, 0.01f, 0.03f, 0.1f, 0.3f];
    private static readonly float[] Dampings = [0, 0.5f, 0.8f, 0.9f, 0.97f];
    private static readonly float[] Gammas = [0, 0.02f, 0.05f, 0.1f, 0.2f];
    private static readonly float[] HalfLives = [12, 24, 48, 96, 192, 384];
    private static readonly float[] Steps = [0.8f, 1.25f, 0.9f, 1.1f];

    private readonly SmoothingLoss _smoothing = new((int)(TimeSpan.FromDays(1) / options.Window));
    private readonly HistogramLoss _histogram = new();

    /// <summary>Null where the sample has too little to say.</summary>
    public FittedParameters? Fit(ClassSample sample, SmoothingParameters serving)
    {
        if (sample.KnownValues < options.LeastWindows)
            return null;
        var fitted = sample.Windows - (int)(sample.Windows * options.HoldOut);
        var best = serving;
        var smoothing = Smoothing(sample, best, 0, fitted);
        var histogram = Histogram(sample, best, 0, fitted);
        for (var round = 0; round < Rounds; round++)
        {
            var before = best;
            foreach (var alpha in Alphas)
                TrySmoothing(best with { Alpha = alpha });
            foreach (var beta in Betas)
                TrySmoothing(best with { Beta = beta });
            foreach (var damping in Dampings)
                TrySmoothing(best with { Damping = damping });
            foreach (var gamma in Gammas)
                TrySmoothing(best with { Gamma = gamma });
            if (best == before)
                break;
        }

        foreach (var halfLife in HalfLives)
            TryHistogram(best with { HalfLifeWindows = halfLife });
        foreach (var step in Steps)
        {
            TrySmoothing(best with { Alpha = Math.Min(1, best.Alpha * step) });
            TrySmoothing(best with { Beta = Math.Min(1, best.Beta * step) });
            TrySmoothing(best with { Gamma = Math.Min(1, best.Gamma * step) });
            TryHistogram(best with { HalfLifeWindows = Math.Max(1, best.HalfLifeWindows * step) });
        }

        var validation = Validation(sample, best, fitted);
        var replaced = best == serving ? validation : Validation(sample, serving, fitted);
        if (!double.IsFinite(validation) || !double.IsFinite(replaced))
            return null;
        return new FittedParameters(best, validation, replaced, sample.KnownValues, validation < (1 - options.Margin) * replaced);

        void TrySmoothing(SmoothingParameters candidate)
        {
            if (candidate == best)
                return;
            var loss = Smoothing(sample, candidate, 0, fitted);
            if (loss < smoothing)
                (best, smoothing) = (candidate, loss);
        }

        void TryHistogram(SmoothingParameters candidate)
        {
            if (candidate == best)
                return;
            var loss = Histogram(sample, candidate, 0, fitted);
            if (loss < histogram)
                (best, histogram) = (candidate, loss);
        }
    }

    private double Validation(ClassSample sample, SmoothingParameters parameters, int from) =>
        0.5 * (Smoothing(sample, parameters, from, sample.Windows) + Histogram(sample, parameters, from, sample.Windows));

    private double Smoothing(ClassSample sample, in SmoothingParameters parameters, int from, int to)
    {
        var sums = new LossSums();
        foreach (var series in sample.Series)
        {
            for (var resource = 0; resource < Resources.Count; resource++)
                _smoothing.Add(series.AsSpan(resource * sample.Windows, to), sample.FirstWindow, from, parameters, ref sums.Of(resource));
        }

        return sums.Mean();
    }

    private double Histogram(ClassSample sample, in SmoothingParameters parameters, int from, int to)
    {
        var sums = new LossSums();
        foreach (var series in sample.Series)
        {
            for (var resource = 0; resource < Resources.Count; resource++)
                _histogram.Add(series.AsSpan(resource * sample.Windows, to), from, parameters.HalfLifeWindows, ref sums.Of(resource));
        }

        return sums.Mean();
    }
}
