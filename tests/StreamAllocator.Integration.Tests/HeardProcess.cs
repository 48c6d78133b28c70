using System.Diagnostics;
using System.Text;

namespace StreamAllocator.Integration.Tests;

/// <summary>A command that goes on: what it prints, and its end.</summary>
internal class HeardProcess : IAsyncDisposable
{
    protected static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly StringBuilder _printed = new();
    private readonly Process _process;

    public HeardProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Printed
    {
        get
        {
            lock (_printed)
                return _printed.ToString();
        }
    }

    /// <summary>Most memory that was resident; only while it runs.</summary>
    public long PeakBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    protected Task Ended => _process.WaitForExitAsync();

    public List<string> LinesWith(string text) =>
        [.. Printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains(text, StringComparison.Ordinal))];

    public Task UntilPrinted(string text) => Until(() => Task.FromResult(LinesWith(text).Count > 0), $"it prints '{text}'");

    public async Task Until(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > Deadline || _process.HasExited)
                Assert.Fail($"waited {waited.Elapsed.TotalSeconds:0} s until {what}; it {(_process.HasExited ? "ended and had" : "has")} printed:\n{Printed}");
            await Task.Delay(Look);
        }
    }

    /// <summary>SIGTERM; it must end by itself, well.</summary>
    public async Task Stop()
    {
        using (var kill = Process.Start("bash", ["-c", FormattableString.Invariant($"kill -TERM {_process.Id}")]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, $"exit code {_process.ExitCode}: {Printed}");
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual void Hear(string line)
    {
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_printed)
            _printed.AppendLine(line);
        Hear(line);
    }
}
