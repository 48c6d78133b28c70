namespace StreamAllocator.Ingest.Tests.Agent;

/// <summary>A folder that looks like the proc and sys of a machine with two cores, one disk of one partition, and one network card.</summary>
internal sealed class MachineFolder : IDisposable
{
    public MachineFolder() => Write(busy: 0, idle: 0, stolen: 0, sectors: 0, network: 0);

    public string Root { get; } = Directory.CreateTempSubdirectory("machine-").FullName;

    public void Write(long busy, long idle, long stolen, long sectors, long network)
    {
        File(
            "proc/stat",
            $"cpu  {busy} 0 0 {idle} 0 0 0 {stolen} 7 0\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 5 0\nctxt 9\n");
        File("proc/meminfo", "MemTotal:        4194304 kB\nMemFree:          100000 kB\nMemAvailable:    1048576 kB\n");
        File(
            "proc/diskstats",
            $"   7       0 loop0 9 0 {sectors} 0 9 0 {sectors} 0 0 0 0\n 254       0 vda 5 0 {sectors} 0 5 0 {sectors} 0 0 0 0 0 0 0 0\n"
            + $" 254       1 vda1 5 0 {sectors} 0 5 0 {sectors} 0 0 0 0\n 253       0 dm-0 5 0 {sectors} 0 5 0 {sectors} 0 0 0 0\n");
        File(
            "proc/net/dev",
            "Inter-|   Receive                            |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes packets\n"
            + $"    lo: {7 * network} 1 0 0 0 0 0 0 {7 * network} 1 0 0 0 0 0 0\n  eth0:{network} 1 0 0 0 0 0 0 {network} 1 0 0 0 0 0 0\n");
        foreach (var device in new[] { "loop0", "vda", "dm-0" })
            Directory.CreateDirectory(Path.Combine(Root, "sys/block", device));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void File(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
    }
}
