using System.Diagnostics;
using System.Globalization;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>The allocator as a process of its own, seen from outside.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process _process;

    private MeasuredProcess(ProcessStartInfo start) =>
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");

    /// <summary>All roles between telemetry and allocations, on Kafka; nothing is applied.</summary>
    public static MeasuredProcess Allocator(string bootstrap, string topicPrefix, int vmPartitions, int poolPartitions, TimeSpan window, params (string Setting, string Value)[] settings)
    {
        var start = new ProcessStartInfo(
            "artifacts/streamallocator", ["run", "--roles", "ingest,predict,decide,execute", "--dry-run", "--log", $"kafka:{bootstrap}"]);
        void Set(string setting, string value) => start.Environment[$"STREAMALLOCATOR__{setting}"] = value;
        Set("TOPICPREFIX", topicPrefix);
        Set("ALLOCATOR__VMPARTITIONS", vmPartitions.ToString(CultureInfo.InvariantCulture));
        Set("ALLOCATOR__POOLPARTITIONS", poolPartitions.ToString(CultureInfo.InvariantCulture));
        Set("ALLOCATOR__PREDICT__WINDOWS__SIZE", window.ToString());
        foreach (var (setting, value) in settings)
            Set(setting, value);
        return new MeasuredProcess(start);
    }

    /// <summary>Resident now, and at most so far.</summary>
    public string Memory()
    {
        var memory = new ProcessMemory(_process.Id.ToString(CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture, $"resident {memory.NowMebibytes:N0} MiB, at most {memory.PeakMebibytes:N0} MiB");
    }

    public double CpuSeconds()
    {
        _process.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
    }

    public void CheckRuns()
    {
        if (_process.HasExited)
            throw new InvalidOperationException($"the allocator ended with {_process.ExitCode}");
    }

    /// <summary>SIGTERM, and its end.</summary>
    public async Task Stop()
    {
        using (var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"the allocator ended with {_process.ExitCode}");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
