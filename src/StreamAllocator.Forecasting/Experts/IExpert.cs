using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Experts;

/// <summary>
/// A forecaster of one series: a kernel over a span of floats that the engine keeps in its slab, one span a series, of fixed size.
/// It has no state of its own beside what it was built with, so one instance serves every series of every VM; a fleet-trained model
/// carries its parameters in the instance and its recurrent state in the span.
/// </summary>
internal interface IExpert
{
    /// <summary>One word, as in the public outputs.</summary>
    string Name { get; }

    /// <summary>Floats of state a series.</summary>
    int StateFloats { get; }

    /// <summary>Folds in one known value. The history does not hold it yet: its newest window is the one before.</summary>
    void Observe(Span<float> state, in SeriesHistory history, in Label label);

    /// <summary>
    /// Nine deciles for one lead time, not necessarily ascending. When a label arrives, the origin it belongs to is asked for again, at
    /// a lead knot: the value and whatever the state remembers of that origin are used, with today's residual quantiles (which have
    /// moved by about a per cent a label since), but never the label itself.
    /// </summary>
    void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles);
}

/// <summary>A known value of one window.</summary>
/// <param name="Window">Index of the window.</param>
/// <param name="Value">In the resource's unit, 0 or more.</param>
/// <param name="Censored">The value is a lower bound of the demand.</param>
/// <param name="Count">Known values of this series before this one.</param>
/// <param name="Parameters">Of the VM's class.</param>
internal readonly record struct Label(long Window, float Value, bool Censored, int Count, SmoothingParameters Parameters);

/// <summary>What is asked of an expert.</summary>
/// <param name="OriginWindow">The window of the origin.</param>
/// <param name="Back">Windows from the origin to the newest window of the history; 0 is a forecast to serve.</param>
/// <param name="Lead">1 … 12; one of the lead knots where <paramref name="Back"/> is not 0.</param>
internal readonly record struct Query(long OriginWindow, int Back, int Lead);
