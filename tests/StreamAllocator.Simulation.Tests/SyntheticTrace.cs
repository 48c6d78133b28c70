using System.Globalization;
using System.Text;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Simulation.Tests;

/// <summary>A seeded trace of the VM layout: daily waves, noise, surges, gaps, timestamps that jitter by a second.</summary>
internal static class SyntheticTrace
{
    public const int Vms = 8;
    public const int Windows = 300;
    public const ulong Seed = 7;

    private const long StartSeconds = 1_700_000_100 - 1_700_000_100 % 300;

    /// <summary>Rows of the file: what the checker expects to find again.</summary>
    public static int Rows { get; private set; }

    private static readonly Lazy<string> Path = new(Write);

    public static TraceOptions Options => new() { File = Path.Value };

    private static string Write()
    {
        var text = new StringBuilder(
            "vm_id,timestamp,cpu_percent,cpu_cores_used,cpu_cores_alloc,memory_used_gb,memory_alloc_gb,disk_read_bps,disk_write_bps,net_rx_bps,net_tx_bps\n");
        for (var window = 0; window < Windows; window++)
        {
            for (var vm = 0; vm < Vms; vm++)
            {
                var random = new SeededRandom(Seed + (ulong)vm, (ulong)window * 64);
                if (random.NextDouble() < 0.03)
                    continue;
                var wave = 1 + ExactMath.SinOfTurns(window / 96.0 + vm / 8.0);
                var surge = window % 77 > 70 ? 1.5 : 0;
                var cores = Math.Min(4, 0.3 + 0.6 * wave + surge + 0.1 * random.NextDouble());
                var memory = 2 + wave + 0.2 * random.NextDouble();
                var jitter = (long)(random.NextDouble() * 2);
                text.Append(CultureInfo.InvariantCulture, $"vm-{vm},{StartSeconds + window * 300L + 4 + jitter},,{cores:0.0000},4,{memory:0.0000},8,");
                text.Append(CultureInfo.InvariantCulture, $"{random.NextInt32(90_000)},{random.NextInt32(9_000)},{random.NextInt32(5_000)},{random.NextInt32(700)}\n");
                Rows++;
            }
        }

        var path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("streamallocator-").FullName, "trace.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
