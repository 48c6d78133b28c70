using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Experts;

namespace StreamAllocator.Forecasting.Selection;

/// <summary>
/// The rolling validation of one series: the decayed loss of each expert at each lead knot with half-lives of a day and of a week,
/// counted when the label arrives; weights (loss)^−12. State: for each knot the labels counted, then two losses an expert.
/// </summary>
internal sealed class ExpertWeights(int experts, int windowsPerDay)
{
    /// <summary>Labels that the prior (all experts alike) counts for.</summary>
    private const float PriorLabels = 12;

    /// <summary>Share of the weight dealt out evenly, so that an expert that had died is heard when it is right again.</summary>
    private const float FixedShare = 0.005f;

    private readonly float _fast = (float)(1 - ExactMath.Exp(-0.6931471805599453 / windowsPerDay));
    private readonly float _slow = (float)(1 - ExactMath.Exp(-0.6931471805599453 / (7.0 * windowsPerDay)));

    public int StateFloats => LeadKnots.Count * (1 + (2 * experts));

    /// <summary>Counts one label: the loss of every expert at a knot.</summary>
    public void Observe(Span<float> state, int knot, ReadOnlySpan<float> losses)
    {
        var here = Knot(state, knot);
        var labels = here[0];
        var young = 1 / (labels + 1);
        var fast = Math.Max(young, _fast);
        var slow = Math.Max(young, _slow);
        for (var e = 0; e < experts; e++)
        {
            here[1 + (2 * e)] += (losses[e] - here[1 + (2 * e)]) * fast;
            here[2 + (2 * e)] += (losses[e] - here[2 + (2 * e)]) * slow;
        }

        here[0] = Math.Min(labels + 1, 1 << 20);
    }

    /// <summary>Weights at a knot; they sum to 1.</summary>
    public void At(ReadOnlySpan<float> state, int knot, Span<float> weights)
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

        for (var e = 0; e < experts; e++)
            weights[e] = (weights[e] / sum * (1 - FixedShare)) + (FixedShare / experts);
    }

    /// <summary>The expert with the smallest loss, each knot counted relative to the mean of all experts there.</summary>
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

    /// <summary>Mean of the two half-lives, drawn to the mean of all experts while labels are few.</summary>
    private void Losses(ReadOnlySpan<float> state, int knot, Span<float> losses)
    {
        var here = state.Slice(knot * (1 + (2 * experts)), 1 + (2 * experts));
        var mean = 0f;
        for (var e = 0; e < experts; e++)
        {
            losses[e] = (here[1 + (2 * e)] + here[2 + (2 * e)]) * 0.5f;
            mean += losses[e] / experts;
        }

        var own = here[0] / (here[0] + PriorLabels);
        for (var e = 0; e < experts; e++)
            losses[e] = mean + ((losses[e] - mean) * own);
    }

    private Span<float> Knot(Span<float> state, int knot) => state.Slice(knot * (1 + (2 * experts)), 1 + (2 * experts));
}
