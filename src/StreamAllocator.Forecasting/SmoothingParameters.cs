namespace StreamAllocator.Forecasting;

/// <summary>What the trainer refits per job class and releases through <c>models</c>: damped Holt smoothing with a daily profile.</summary>
/// <param name="Alpha">Share of a window's surprise that moves the level, (0, 1].</param>
/// <param name="Beta">Share of the level's move that moves the trend, [0, 1].</param>
/// <param name="Damping">What is left of the trend one window on, [0, 1).</param>
/// <param name="Gamma">Share of a window's deviation from the level that moves the daily profile, [0, 1].</param>
/// <param name="HalfLifeWindows">Windows after which an observation of the decayed histogram counts half, 1 or more.</param>
public readonly record struct SmoothingParameters(float Alpha, float Beta, float Damping, float Gamma, float HalfLifeWindows)
{
    public static SmoothingParameters Default { get; } = new(0.35f, 0.02f, 0.8f, 0.05f, 48);

    /// <summary>Everything wrong with it; empty if it is valid.</summary>
    public IEnumerable<string> Violations()
    {
        if (!(Alpha > 0 && Alpha <= 1))
            yield return FormattableString.Invariant($"alpha {Alpha}: expected in (0, 1]");
        if (!(Beta >= 0 && Beta <= 1))
            yield return FormattableString.Invariant($"beta {Beta}: expected in [0, 1]");
        if (!(Damping >= 0 && Damping < 1))
            yield return FormattableString.Invariant($"damping {Damping}: expected in [0, 1)");
        if (!(Gamma >= 0 && Gamma <= 1))
            yield return FormattableString.Invariant($"gamma {Gamma}: expected in [0, 1]");
        if (!(HalfLifeWindows >= 1 && float.IsFinite(HalfLifeWindows)))
            yield return FormattableString.Invariant($"half-life {HalfLifeWindows} windows: expected 1 or more");
    }
}
