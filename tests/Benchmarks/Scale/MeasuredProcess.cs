using System.Diagnostics;
using System.Globalization;

namespace StreamAllocator.Benchmarks.Scale;

/// <summary>The command as a process of its own, seen from outside.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process _process;

    public MeasuredProcess(string command, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(command, arguments);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start");
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
