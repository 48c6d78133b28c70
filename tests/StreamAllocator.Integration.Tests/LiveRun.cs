using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamAllocator.Integration.Tests;

/// <summary>A <c>run</c> that goes on: its API, its metrics, an orderly end.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly StringBuilder _printed = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private readonly HttpClient _api = new();

    public LiveRun(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
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

    public async Task Ready()
    {
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_address.Task, ended, Task.Delay(Deadline)) != _address.Task)
            Assert.Fail($"no API: {Printed}");
        _api.BaseAddress = await _address.Task;
        await Until(async () => (await _api.GetAsync("/readyz")).IsSuccessStatusCode, "the API is ready");
    }

    public async Task<JsonElement> Get(string path) => JsonDocument.Parse(await _api.GetStringAsync(path)).RootElement;

    public Task<string> Metrics() => _api.GetStringAsync("/metrics");

    /// <summary>Records ever written to the topic.</summary>
    public async Task<long> Records(string topic)
    {
        var found = Regex.Match(await Metrics(), $@"streamallocator_records_total\{{[^}}]*topic=""streamallocator\.{topic}""[^}}]*\}} (\d+)");
        return found.Success ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    public async Task Until(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > Deadline || _process.HasExited)
                Assert.Fail($"waited {waited.Elapsed.TotalSeconds:0} s until {what}; the run printed:\n{Printed}");
            await Task.Delay(Look);
        }
    }

    /// <summary>SIGTERM; the run must drain.</summary>
    public async Task Stop()
    {
        using (var kill = Process.Start("bash", ["-c", FormattableString.Invariant($"kill -TERM {_process.Id}")]))
            await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
        Assert.True(_process.ExitCode == 0, $"exit code {_process.ExitCode}: {Printed}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _api.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_printed)
            _printed.AppendLine(line);
        if (Regex.Match(line, @"API (http://\S+)") is { Success: true } found)
            _address.TrySetResult(new Uri(found.Groups[1].Value));
    }
}
