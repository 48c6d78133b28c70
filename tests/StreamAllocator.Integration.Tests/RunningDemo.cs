using System.Diagnostics;
using System.Text.RegularExpressions;

namespace StreamAllocator.Integration.Tests;

/// <summary>A demo in a process of its own, killed when it is disposed.</summary>
internal sealed class RunningDemo : IDisposable
{
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _api = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunningDemo(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The address of its API, as it prints it.</summary>
    public Task<Uri> Api(TimeSpan deadline) => _api.Task.WaitAsync(deadline);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Look(string? line)
    {
        if (Regex.Match(line ?? "", @"API (http://\S+)") is { Success: true } match)
            _api.TrySetResult(new Uri(match.Groups[1].Value));
    }
}
