using System.Globalization;
using StreamAllocator.Domain;

namespace StreamAllocator.Integration.Tests;

/// <summary>
/// A made-up trace, of two days unless told, on which the default parameters are not the best: demand rises or falls steadily and turns about every five
/// hours, so that a trainer finds a trend to follow.
/// </summary>
internal static class RampTrace
{
    public const int Vms = 6;

    private const ulong Seed = 3;

    public static string IdOf(int vm) => FormattableString.Invariant($"ramp-{vm}");

    /// <param name="windows">Of five minutes.</param>
    /// <param name="start">Of the first window, in epoch seconds.</param>
    public static string Write(DirectoryInfo folder, int windows = 2 * 288, long start = 1_483_228_800, string name = "ramps.csv")
    {
        var path = Path.Combine(folder.FullName, name);
        using var file = new StreamWriter(path);
        file.WriteLine(
            "vm_id,timestamp,cpu_percent,cpu_cores_used,cpu_cores_alloc,memory_used_gb,memory_alloc_gb,disk_read_bps,disk_write_bps,net_rx_bps,net_tx_bps");
        var random = new SeededRandom(Seed);
        var (level, slope) = (new double[Vms], new double[Vms]);
        Array.Fill(level, 2);
        Array.Fill(slope, 0.05);
        for (var window = 0; window < windows; window++)
        {
            for (var vm = 0; vm < Vms; vm++)
            {
                if (level[vm] is < 0.5 or > 6)
                    slope[vm] = level[vm] < 0.5 ? 0.05 : -0.05;
                else if (random.NextDouble() < 1 / 60.0)
                    slope[vm] = -slope[vm];
                level[vm] += slope[vm];
                var cores = level[vm] + (0.1 * (random.NextDouble() - 0.5));
                file.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{IdOf(vm)},{start + (300 * window) + 299},{cores / 8 * 100:F3},{cores:F4},8,{2 * cores:F4},32,{1000 * cores:F1},,{500 * cores:F1},"));
            }
        }

        return path;
    }
}
