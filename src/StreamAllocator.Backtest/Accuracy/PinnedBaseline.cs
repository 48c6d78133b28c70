namespace StreamAllocator.Backtest.Accuracy;

/// <summary>The four forecasts that every other is measured against. They never change.</summary>
public enum PinnedBaseline
{
    /// <summary>Newest known value + quantiles of the residuals of that lead time.</summary>
    Last,

    /// <summary>Value a day before the target + quantiles of the residuals of that lead time.</summary>
    Day,

    /// <summary>Quantiles of the last 48 windows.</summary>
    Recent,

    /// <summary>Quantile average of <see cref="Last"/>, weight exp(−lead/8), and <see cref="Recent"/>.</summary>
    Mix,
}

public static class PinnedBaselines
{
    public static readonly PinnedBaseline[] All = [PinnedBaseline.Last, PinnedBaseline.Day, PinnedBaseline.Recent, PinnedBaseline.Mix];

    /// <summary>The name in tables: last, day, recent, mix.</summary>
    public static string NameOf(PinnedBaseline baseline) => baseline switch
    {
        PinnedBaseline.Last => "last",
        PinnedBaseline.Day => "day",
        PinnedBaseline.Recent => "recent",
        PinnedBaseline.Mix => "mix",
        _ => throw new ArgumentOutOfRangeException(nameof(baseline), baseline, "expected a baseline of this enum"),
    };
}
