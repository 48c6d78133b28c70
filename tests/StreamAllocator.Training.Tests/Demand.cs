using StreamAllocator.Domain;

namespace StreamAllocator.Training.Tests;

/// <summary>Made-up usage, a value a window.</summary>
internal static class Demand
{
    public const int Day = 288;

    /// <summary>A level that walks, seen through noise four times as large as its steps: a small alpha follows it best.</summary>
    public static float[] NoisyLevel(ulong seed, int windows)
    {
        var random = new SeededRandom(seed);
        var (level, values) = (20.0, new float[windows]);
        for (var window = 0; window < windows; window++)
        {
            level = Math.Max(5, level + (0.1 * (random.NextDouble() - 0.5)));
            values[window] = (float)(level + (4 * (random.NextDouble() - 0.5)));
        }

        return values;
    }

    /// <summary>Steps that stay: a large alpha follows them best.</summary>
    public static float[] Steps(ulong seed, int windows)
    {
        var random = new SeededRandom(seed);
        var (level, values) = (20.0, new float[windows]);
        for (var window = 0; window < windows; window++)
        {
            if (window % 20 == 0)
                level = 5 + (30 * random.NextDouble());
            values[window] = (float)(level + (0.2 * random.NextDouble()));
        }

        return values;
    }
}
