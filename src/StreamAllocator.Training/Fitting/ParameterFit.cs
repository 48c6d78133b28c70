using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>What a fit found, beside what serves.</summary>
/// <param name="ValidationLoss">Of the parameters found, on the part of the span that the search did not see.</param>
/// <param name="ServingLoss">Of the parameters in force, on the same part.</param>
/// <param name="Windows">Known values that the fit saw.</param>
/// <param name="Wins">Its loss is the smaller one by the margin.</param>
public readonly record struct FittedParameters(
    SmoothingParameters Parameters, double ValidationLoss, double ServingLoss, long Windows, bool Wins);

/// <summary>
/// Coordinate search: each parameter in turn goes down its ladder while the loss on the first part of the history falls, or else up. It begins
/// at the best of the parameters in force and a few others, since alone it stays in the valley where it began. What was found and what is in force are then compared on the rest, from the state that the parameters in force have led to, as a
/// release would be taken up. The history begins with the first known window: a young class has less than the span. The same values in give
/// the same bits out.
/// </summary>
public sealed class ParameterFit(TrainOptions options)
{
    /// <summary>For demand that trends, and for noise about a level.</summary>
    private static readonly SmoothingParameters[] Starts = [SmoothingParameters.Default, new(1, 0.3f, 0.97f, 0.05f, 48), new(0.05f, 0, 0.8f, 0, 192)];

    private readonly ServedLoss _loss = new(options.Forecast);

    /// <summary>Null where the sample has too little to say.</summary>
    public FittedParameters? Fit(ClassSample sample, SmoothingParameters serving)
    {
        if (sample.KnownValues < options.LeastWindows)
            return null;
        var first = sample.FirstKnown;
        var split = sample.Windows - (int)((sample.Windows - first) * options.HoldOut);
        var best = Search(sample, serving, first, split);
        var replaced = _loss.Of(sample, serving, serving, split, sample.Windows);
        var validation = best == serving ? replaced : _loss.Of(sample, serving, best, split, sample.Windows);
        if (!double.IsFinite(validation) || !double.IsFinite(replaced))
            return null;
        return new FittedParameters(best, validation, replaced, sample.KnownValues, validation < (1 - options.Margin) * replaced);
    }

    private SmoothingParameters Search(ClassSample sample, SmoothingParameters serving, int from, int to)
    {
        var (best, least) = (serving, _loss.Of(sample, serving, serving, from, to));
        foreach (var start in Starts)
            Try(start);
        foreach (var axis in ParameterAxis.All)
        {
            var before = best;
            Walk(axis, up: false);
            if (best == before)
                Walk(axis, up: true);
        }

        return best;

        void Walk(ParameterAxis axis, bool up)
        {
            while (axis.Next(best, up) is { } candidate && Try(candidate))
            {
            }
        }

        bool Try(SmoothingParameters candidate)
        {
            if (candidate == best)
                return false;
            var loss = _loss.Of(sample, candidate, candidate, from, to);
            if (!(loss < least))
                return false;
            (best, least) = (candidate, loss);
            return true;
        }
    }
}
