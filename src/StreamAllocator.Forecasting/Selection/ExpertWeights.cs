using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Selection;

/// <summary>
/// The rolling validation of one series: the decayed loss of each expert at each lead knot with half-lives of a day and of a week,
/// counted when the label arrives; weights (loss)^−12. Every expert is judged at every label whatever its weight, so one that had died
/// is heard as soon as its loss has decayed. State: for each knot the labels counted, the week's loss of the average, and two losses an
/// expert.
/// </summary>
internal sealed class ExpertWeights(int experts, int windowsPerDay)
{
    /// <summary>Labels that the prior (all experts alike) counts for.</summary>
    private const float PriorLabels = 12;

    /// <summary>Weights below this are 0: an expert that is surely wrong would lift the quantiles of an idle series off their mass point.</summary>
    private const float LeastWeight = 0.03f;

    /// <summary>The guard: the average may be this much worse than the best baseline before that one is served alone.</summary>
    private const float Tolerance = 1.05f;

    /// <summary>Labels that old losses count for after a level shift.</summary>
    private const float LabelsAfterShift = 288;

    private const int OfAverage = 1;
    private const int First = 2;

    private readonly float _day = (float)(1 - ExactMath.Exp(-0.6931471805599453 / windowsPerDay));
    private readonly float _week = (float)(1 - ExactMath.Exp(-0.6931471805599453 / (7.0 * windowsPerDay)));
    private readonly int _knotFloats = First + (2 * experts);

    public int StateFloats => LeadKnots.Count * _knotFloats;

    /// <summary>Counts one label: the loss of every expert at a knot, and of their average with <see cref="Average"/>'s weights.</summary>
    public void Observe(Span<float> state, int knot, ReadOnlySpan<float> losses, float average)
    {
        var here = state.Slice(knot * _knotFloats, _knotFloats);
        var young = 1 / (here[0] + 1);
        var day = Math.Max(young, _day);
        var week = Math.Max(young, _week);
        here[OfAverage] += (average - here[OfAverage]) * week;
        for (var e = 0; e < experts; e++)
        {
            ref var ofDay = ref here[First + (2 * e)];
            ref var ofWeek = ref here[First + 1 + (2 * e)];
            ofDay += (losses[e] - ofDay) * day;
            ofWeek += (losses[e] - ofWeek) * week;
        }

        here[0] = Math.Min(here[0] + 1, 1 << 20);
    }

    /// <summary>The level of the series shifted: what was learned before counts for little.</summary>
    public void Shift(Span<float> state)
    {
        for (var knot = 0; knot < LeadKnots.Count; knot++)
            state[knot * _knotFloats] = Math.Min(state[knot * _knotFloats], LabelsAfterShift);
    }

    /// <summary>Weights to serve with at a knot, they sum to 1: those of the average, or the best baseline alone while that was better.</summary>
    public void At(ReadOnlySpan<float> state, int knot, Span<float> weights)
    {
        if (GuardedBaseline(state, knot) is var baseline and >= 0)
        {
            weights.Clear();
            weights[baseline] = 1;
            return;
        }

        Average(state, knot, weights);
    }

    /// <summary>Weights (loss)^−12 at a knot; they sum to 1.</summary>
    public void Average(ReadOnlySpan<float> state, int knot, Span<float> weights)
    {
        Losses(state, knot, weights);
        var least = weights[0];
        for (var e = 1; e < experts; e++)
            least = Math.Min(least, weights[e]);
        var sum = 0f;
        for (var e = 0; e < experts; e++)
        {
            var ratio = weights[e] > least ? least / weights[e] : 1;
            var square = ratio * ratio;
            var fourth = square * square;
            weights[e] = fourth * fourth * fourth;
            sum += weights[e];
        }

        var kept = 0f;
        for (var e = 0; e < experts; e++)
        {
            weights[e] = weights[e] < LeastWeight * sum ? 0 : weights[e];
            kept += weights[e];
        }

        for (var e = 0; e < experts; e++)
            weights[e] /= kept;
    }

    /// <summary>The expert with the smallest loss, each knot counted relative to the sum of all experts there.</summary>
    public int Best(ReadOnlySpan<float> state)
    {
        Span<float> losses = stackalloc float[experts];
        Span<float> total = stackalloc float[experts];
        total.Clear();
        for (var knot = 0; knot < LeadKnots.Count; knot++)
        {
            Losses(state, knot, losses);
            var sum = 0f;
            foreach (var loss in losses)
                sum += loss;
            for (var e = 0; sum > 0 && e < experts; e++)
                total[e] += losses[e] / sum;
        }

        var best = 0;
        for (var e = 1; e < experts; e++)
        {
            if (total[e] < total[best])
                best = e;
        }

        return best;
    }

    /// <summary>The best of the baselines (they come first) if over the week the average was worse than it, else -1.</summary>
    private int GuardedBaseline(ReadOnlySpan<float> state, int knot)
    {
        var here = state.Slice(knot * _knotFloats, _knotFloats);
        var best = 0;
        for (var e = 1; e < ExpertPanel.Baselines; e++)
        {
            if (here[First + 1 + (2 * e)] < here[First + 1 + (2 * best)])
                best = e;
        }

        return here[0] >= windowsPerDay && here[OfAverage] > Tolerance * here[First + 1 + (2 * best)] ? best : -1;
    }

    /// <summary>Mean of the two half-lives, drawn to the mean of all experts while labels are few.</summary>
    private void Losses(ReadOnlySpan<float> state, int knot, Span<float> losses)
    {
        var here = state.Slice(knot * _knotFloats, _knotFloats);
        var mean = 0f;
        for (var e = 0; e < experts; e++)
        {
            losses[e] = (here[First + (2 * e)] + here[First + 1 + (2 * e)]) * 0.5f;
            mean += losses[e] / experts;
        }

        var own = here[0] / (here[0] + PriorLabels);
        for (var e = 0; e < experts; e++)
            losses[e] = mean + ((losses[e] - mean) * own);
    }
}
