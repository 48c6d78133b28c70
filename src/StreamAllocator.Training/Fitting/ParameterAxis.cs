using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>One parameter and the ascending values that a fit tries.</summary>
internal sealed record ParameterAxis(
    float[] Ladder, Func<SmoothingParameters, float> Of, Func<SmoothingParameters, float, SmoothingParameters> With)
{
    public static readonly ParameterAxis[] All =
    [
        new([0.05f, 0.1f, 0.15f, 0.25f, 0.35f, 0.5f, 0.7f, 1], parameters => parameters.Alpha, (parameters, value) => parameters with { Alpha = value }),
        new([0, 0.02f, 0.05f, 0.1f, 0.3f], parameters => parameters.Beta, (parameters, value) => parameters with { Beta = value }),
        new([0.5f, 0.8f, 0.9f, 0.97f], parameters => parameters.Damping, (parameters, value) => parameters with { Damping = value }),
        new([0, 0.02f, 0.05f, 0.1f, 0.2f], parameters => parameters.Gamma, (parameters, value) => parameters with { Gamma = value }),
        new([12, 24, 48, 96, 192, 384], parameters => parameters.HalfLifeWindows, (parameters, value) => parameters with { HalfLifeWindows = value }),
    ];

    /// <summary>The parameters one step down or up the ladder; null beyond its ends.</summary>
    public SmoothingParameters? Next(SmoothingParameters from, bool up)
    {
        var value = Of(from);
        var next = up ? Array.FindIndex(Ladder, step => step > value) : Array.FindLastIndex(Ladder, step => step < value);
        return next < 0 ? null : With(from, Ladder[next]);
    }
}
