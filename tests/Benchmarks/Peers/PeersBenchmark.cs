using System.Diagnostics;
using System.Globalization;
using StreamAllocator.Testing;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>
/// The scripts of <c>../shared/peers</c> on one broker, with this program among the peers and the floor beside it: one load, each does the same
/// job, each result is verified; then a SIGKILL with a million keys open.
/// </summary>
internal static class PeersBenchmark
{
    private const string Ours = "streamallocator";

    /// <summary>Null where it can run, else why not.</summary>
    public static string? Missing => !Path.Exists(SharedFolder.Resolve("peers/peers.jar")) ? "needs ../shared/peers beside the repository"
        : Java() is null ? "needs java on the PATH" : null;

    /// <param name="brokerFolder">Where the broker's pid is, so that its CPU time is told too; null where nobody knows.</param>
    public static void Run(string bootstrap, string? brokerFolder)
    {
        var tools = Directory.CreateTempSubdirectory("streamallocator-peers-");
        try
        {
            var ours = Path.Combine(tools.FullName, Ours);
            File.CreateSymbolicLink(ours, Environment.ProcessPath!);
            var java = Path.Combine(tools.FullName, "java");
            File.WriteAllText(java, $"#!/bin/sh\n[ \"$1\" = -jar ] && [ \"$3\" = {Ours} ] && shift 3 && exec {ours} \"$@\"\nexec {Java()} \"$@\"\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(java, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            var printed = Script("run-bench", tools.FullName, brokerFolder, $"streams-papi pekko {ours} {ours}:job=floor", bootstrap, "20000", "500");
            PrintRatios(printed);

            // The script starts peers of the jar; that is why java is ours here.
            Script("kill-test", tools.FullName, brokerFolder, "", bootstrap, "1000000", "4", Ours);
        }
        finally
        {
            tools.Delete(recursive: true);
        }
    }

    private static void PrintRatios(List<string> printed)
    {
        var rates = printed
            .Where(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
            .ToDictionary(line => Field(line, "peer"), line => double.Parse(Field(line, "rec_per_cpu_s"), CultureInfo.InvariantCulture));
        foreach (var (peer, rate) in rates.Where(peer => peer.Key != Ours))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Ours} against {peer}: {rates[Ours] / rate:0.00} times the records per CPU-second"));
    }

    private static string Field(string line, string name) => line.Split(' ').First(field => field.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..];

    private static List<string> Script(string script, string tools, string? brokerFolder, string peers, params string[] arguments)
    {
        var start = new ProcessStartInfo(SharedFolder.Resolve($"peers/{script}"), arguments) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{tools}:{start.Environment["PATH"]}";
        start.Environment["PEERS"] = peers;
        if (brokerFolder is not null)
            start.Environment["KAFKA_DIR"] = brokerFolder;
        using var process = Process.Start(start)!;
        var printed = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            printed.Add(line);
            Console.WriteLine(line);
        }

        process.WaitForExit();
        return printed;
    }

    private static string? Java() => Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);
}
