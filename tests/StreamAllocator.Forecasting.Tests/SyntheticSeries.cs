using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Tests;

/// <summary>Small seeded demand: a daily wave, noise and rare bursts, never below 0.</summary>
internal sealed class SyntheticSeries(ulong seed)
{
    private SeededRandom _random = SeededRandom.For(seed, "series");

    public WindowObservation Next(long window)
    {
        var wave = 2 + ExactMath.SinOfTurns(window / 288.0);
        return new WindowObservation(
            Of(wave + (0.1 * _random.NextNormal())),
            Of(4 + (0.02 * _random.NextNormal())),
            Of(_random.NextDouble() < 0.1 ? 1e6 * (1 + _random.NextDouble()) : 0),
            Of(1000 * wave * (1 + (0.3 * _random.NextNormal()))));
    }

    private static ResourceObservation Of(double value)
    {
        var mean = (float)Math.Max(0, value);
        return new ResourceObservation(mean, mean * 1.2f);
    }
}
