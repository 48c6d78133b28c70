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
    /// Nine deciles for one lead time, ascending is not required. An origin in the past is asked for when its label arrives: the
    /// value and whatever the state remembers of that origin are used, with today's residual quantiles (they move by a per cent a label).
    /// </summary>
    void Quantiles(ReadOnlySpan<float> state, in SeriesHistory history, in Query query, Span<float> deciles);
}

/// <summary>A known value of the window <see cref="Window"/>.</summary>
internal readonly ref struct Label(long window, float value, bool censored, int count, in SmoothingParameters parameters)
{
    public long Window { get; } = window;

    public float Value { get; } = value;

    /// <summary>The value is a lower bound of the demand.</summary>
    public bool Censored { get; } = censored;

    /// <summary>Known values of this series before this one.</summary>
    public int Count { get; } = count;

    public SmoothingParameters Parameters { get; } = parameters;
}

/// <summary>What is asked of an expert.</summary>
/// <param name="OriginWindow">The window of the origin.</param>
/// <param name="Back">Windows from the origin to the newest window of the history.</param>
/// <param name="Lead">1 … 12.</param>
internal readonly record struct Query(long OriginWindow, int Back, int Lead)
{
    /// <summary>Fewest and most windows ahead.</summary>
    public const int Longest = Horizon.Leads;
}
