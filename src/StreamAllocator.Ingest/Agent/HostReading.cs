using System.Globalization;

namespace StreamAllocator.Ingest.Agent;

/// <summary>What Linux tells of the whole machine at one moment: counters since boot, and the memory.</summary>
/// <param name="Cpus">Cores online.</param>
/// <param name="BusyTicks">CPU time spent on work, over all cores; idle, waiting for disks and stolen time left out.</param>
/// <param name="StolenTicks">CPU time that was wanted, and given to others by the hypervisor.</param>
/// <param name="TotalTicks">All CPU time there was.</param>
/// <param name="MemoryUsedKib">Memory that is not available to a new process without swapping.</param>
/// <param name="DiskBytes">Read + written, whole devices that are not made of others.</param>
/// <param name="NetworkBytes">Received + transmitted, loopback left out.</param>
internal readonly record struct HostReading(
    int Cpus, long BusyTicks, long StolenTicks, long TotalTicks, long MemoryUsedKib, long MemoryTotalKib, long DiskBytes, long NetworkBytes)
{
    /// <summary>diskstats counts in these, whatever the device's own sectors are (kernel documentation, iostats).</summary>
    private const long SectorBytes = 512;

    /// <summary>Devices backed by memory, or by other devices that are counted already.</summary>
    private static readonly string[] Stacked = ["loop", "ram", "zram", "dm-", "md", "sr", "nbd"];

    /// <exception cref="IOException">No such machine below the root.</exception>
    public static HostReading Read(string root)
    {
        var reading = ReadCpu(File.ReadLines(Path.Combine(root, "proc/stat")));
        var (total, available) = (0L, 0L);
        foreach (var line in File.ReadLines(Path.Combine(root, "proc/meminfo")))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal))
                total = Number(Fields(line)[1]);
            else if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
                available = Number(Fields(line)[1]);
        }

        return reading with
        {
            MemoryUsedKib = total - available,
            MemoryTotalKib = total,
            DiskBytes = ReadDisks(root),
            NetworkBytes = ReadNetwork(File.ReadLines(Path.Combine(root, "proc/net/dev"))),
        };
    }

    /// <summary>Columns of "cpu": user, nice, system, idle, iowait, irq, softirq, steal; guest time is within user.</summary>
    private static HostReading ReadCpu(IEnumerable<string> lines)
    {
        var reading = default(HostReading);
        foreach (var line in lines)
        {
            if (!line.StartsWith("cpu", StringComparison.Ordinal))
                continue;
            if (line[3] != ' ')
            {
                reading = reading with { Cpus = reading.Cpus + 1 };
                continue;
            }

            var ticks = Fields(line)[1..9].Select(Number).ToArray();
            reading = reading with
            {
                BusyTicks = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6],
                StolenTicks = ticks[7],
                TotalTicks = ticks.Sum(),
            };
        }

        return reading;
    }

    private static long ReadDisks(string root)
    {
        var bytes = 0L;
        foreach (var line in File.ReadLines(Path.Combine(root, "proc/diskstats")))
        {
            var fields = Fields(line);
            var name = fields[2];
            // A partition is not listed there, its disk is.
            if (!Stacked.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && Path.Exists(Path.Combine(root, "sys/block", name)))
                bytes += (Number(fields[5]) + Number(fields[9])) * SectorBytes;
        }

        return bytes;
    }

    private static long ReadNetwork(IEnumerable<string> lines)
    {
        var bytes = 0L;
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || line[..colon].Trim() == "lo")
                continue;
            var fields = Fields(line[(colon + 1)..]);
            bytes += Number(fields[0]) + Number(fields[8]);
        }

        return bytes;
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
