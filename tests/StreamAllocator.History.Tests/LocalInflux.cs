using System.Diagnostics;
using StreamAllocator.Testing;

namespace StreamAllocator.History.Tests;

/// <summary>The InfluxDB of the shared folder, with data of its own; it can be stopped and started again.</summary>
internal sealed class LocalInflux : IDisposable
{
    public const string Org = "streamallocator";
    public const string Token = "test-token";
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("streamallocator-influx-");
    private string _port = "0";

    public LocalInflux() => Start();

    public static bool IsThere => File.Exists(Script("start-influxdb"));

    public string Url => $"http://127.0.0.1:{_port}";

    public void Start()
    {
        Run("start-influxdb", _data.FullName, _port);
        _port = File.ReadAllText(Path.Combine(_data.FullName, "influxd.port")).Trim();
    }

    public void Stop() => Run("stop-influxdb", _data.FullName, "-9");

    public void Dispose()
    {
        Stop();
        _data.Delete(recursive: true);
    }

    private static string Script(string name) => SharedFolder.Resolve($"influxdb/{name}");

    private static void Run(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Script(script), .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadLine();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{script}: {output} {(process.ExitCode == 0 ? "" : process.StandardError.ReadToEnd())}");
    }
}
