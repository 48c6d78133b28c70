using StreamAllocator.Domain;

namespace StreamAllocator.Training.Tests;

/// <summary>Made-up usage, a value a window.</summary>
internal static class Demand
{
    public const int Day = 288;

    /// <summary>Rises or falls steadily and turns about every five hours: who extrapolates the trend foresees it best.</summary>
    public static float[] Ramps(ulong seed, int windows)
    {
        var random = new SeededRandom(seed);
        var (level, slope, values) = (20.0, 0.5, new float[windows]);
        for (var window = 0; window < windows; window++)
        {
            if (level is < 5 or > 60)
                slope = level < 5 ? 0.5 : -0.5;
            else if (random.NextDouble() < 1 / 60.0)
                slope = -slope;
            level += slope;
            values[window] = (float)(level + random.NextDouble() - 0.5);
        }

        return values;
    }

    /// <summary>Noise about a level that stays: who forgets least foresees it best.</summary>
    public static float[] Noise(ulong seed, int windows)
    {
        var random = new SeededRandom(seed);
        var values = new float[windows];
        for (var window = 0; window < windows; window++)
            values[window] = (float)(20 + (10 * (random.NextDouble() - 0.5)));
        return values;
    }
}
