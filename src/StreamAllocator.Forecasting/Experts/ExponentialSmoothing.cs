using System.Runtime.InteropServices;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// <em>smoothing</em>: level, damped trend (Gardner and McKenzie 1985) and a daily profile of two-hour means, interpolated, plus the
/// quantiles of its residuals. State: level, trend, 12 profile values, the residual quantiles, and in 16 bits the points forecast at
/// the lead knots whose actual is still to come (1 + 3 + 6 + 12).
/// </summary>
internal sealed class ExponentialSmoothing(int windowsPerDay) : IExpert
{
    private const int ProfileValues = 12;
    private const int Profile = 2;
    private const int Residuals = Profile + ProfileValues;
    private const int Points = Residuals + ResidualQuantiles.Floats;
    private const int PointWords = 1 + 3 + 6 + Horizon.Leads;

    private readonly float _perWindow = ProfileValues / (float)windowsPerDay;

    public string Name => "smoothing";

    public int StateFloats => Points + (PointWords / 2) + 1;

    public void Observe(Span<float> state, in SeriesHistory history, in Label label)
    {
        var points = MemoryMarshal.Cast<float, ushort>(state[Points..]);
        if (label.Count == 0)
        {
            state[0] = label.Value;
            points.Fill(Float16.Encode(label.Value));
        }

        var start = 0;
        for (var knot = 0; knot < LeadKnots.Count; knot++)
        {
            var lead = LeadKnots.Leads[knot];
            if (label.Count >= lead)
            {
                var point = Float16.Decode(points[start + WindowSlot.Of(label.Window, lead)]);
                var quantiles = state.Slice(Residuals + (knot * ResidualQuantiles.Kept), ResidualQuantiles.Kept);
                ResidualQuantiles.Observe(quantiles, label.Value - point, label.Count - lead, label.Censored);
            }

            start += lead;
        }

        Smooth(state, label);
        start = 0;
        foreach (var lead in LeadKnots.Leads)
        {
            points[start + WindowSlot.Of(label.Window, lead)] = Float16.Encode(Point(state, label.Window, lead, label.Parameters.Damping));
            start += lead;
        }

        state[Points + (PointWords / 2)] = label.Parameters.Damping;
    }

    public void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles)
    {
        float point;
        if (query.Back == 0)
        {
            point = Point(state, query.OriginWindow, query.Lead, state[Points + (PointWords / 2)]);
        }
        else
        {
            var start = query.Lead switch { 1 => 0, 3 => 1, 6 => 4, _ => 10 };
            point = Float16.Decode(MemoryMarshal.Cast<float, ushort>(state[Points..])[start + WindowSlot.Of(query.OriginWindow, query.Lead)]);
        }

        ResidualQuantiles.Spread(state[Residuals..], query.Lead, point, deciles);
    }

    private void Smooth(Span<float> state, in Label label)
    {
        var parameters = label.Parameters;
        ref var level = ref state[0];
        ref var trend = ref state[1];
        var seasonal = Season(state, label.Window, out var before, out var share);
        var damped = parameters.Damping * trend;
        var surprise = label.Value - (level + damped + seasonal);
        level += damped + (parameters.Alpha * surprise);
        trend = damped + (parameters.Alpha * parameters.Beta * surprise);
        var left = parameters.Gamma * (label.Value - level - seasonal);
        state[Profile + before] += left * (1 - share);
        state[Profile + ((before + 1) % ProfileValues)] += left * share;
    }

    private float Point(ReadOnlySpan<float> state, long origin, int lead, float damping)
    {
        var sum = 0f;
        for (var step = 0; step < lead; step++)
            sum = damping * (1 + sum);
        return Math.Max(0, state[0] + (sum * state[1]) + Season(state, origin + lead, out _, out _));
    }

    private float Season(ReadOnlySpan<float> state, long window, out int before, out float share)
    {
        var position = WindowSlot.Of(window, windowsPerDay) * _perWindow;
        before = Math.Min((int)position, ProfileValues - 1);
        share = position - before;
        var lower = state[Profile + before];
        return lower + ((state[Profile + ((before + 1) % ProfileValues)] - lower) * share);
    }
}
