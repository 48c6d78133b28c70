using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace StreamAllocator.Benchmarks;

/// <summary>
/// The command itself, within this process: a replay of 100 VMs over two months where the trace is at hand, in memory with its outputs digested
/// as they pass; else a week of the demo's 20 VMs.
/// </summary>
internal static partial class CommandBenchmark
{
    private const string Trace = "../shared/traces/bitbrains_rnd.csv.gz";

    public static void Run()
    {
        if (File.Exists(Trace))
            Measure("replay", "--trace", Trace, "--into", "memory", "--digest");
        else
            Measure("demo", "--log", "memory", "--speed", "0", "--windows", "2016", "--no-view", "--digest", "--port", "0");
    }

    private static void Measure(params string[] arguments)
    {
        var entry = Assembly.Load("streamallocator").EntryPoint ?? throw new InvalidOperationException("streamallocator: no entry point");
        var console = Console.Out;
        using var printed = new StringWriter();
        Console.SetOut(printed);
        var clock = new CpuClock();
        var exit = entry.Invoke(null, [arguments]);
        var seconds = clock.Seconds;
        Console.SetOut(console);
        var name = string.Join(' ', arguments);
        if (exit is not 0 || Digested().Match(printed.ToString()) is not { Success: true } digested)
            throw new InvalidOperationException($"{name}: exit {exit}: {printed}");
        var vmWindows = long.Parse(digested.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {vmWindows:N0} VM-windows in {seconds:0.0} CPU-seconds ({seconds / vmWindows * 1e6:0.0} us each), peak memory {ProcessMemory.Self.PeakMebibytes:0} MiB"));
    }

    /// <summary>One record of either topic for each VM and window.</summary>
    [GeneratedRegex(@"(?:features|decisions) \((\d+) records\)")]
    private static partial Regex Digested();
}
