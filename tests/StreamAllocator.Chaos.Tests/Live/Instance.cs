using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>One <c>run</c> among several, held up as systemd would (<c>Restart=always</c>): whenever it ends unasked, it is started again.</summary>
internal sealed partial class Instance(string name, string folder, Action<string> note) : IDisposable
{
    private const int Kill = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Pause = 19;

    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(40);

    private readonly Lock _gate = new();
    private readonly Queue<string> _newestLines = new();
    private Process? _process;
    private bool _wanted;

    public string Name { get; } = name;

    /// <summary>How often it ended though nobody had asked it to.</summary>
    public int UnaskedEnds { get; private set; }

    public void Start()
    {
        lock (_gate)
        {
            _wanted = true;
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "streamallocator.dll"), "run", "--instance", Name, "--port", "0"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var process = _process = new Process { StartInfo = start, EnableRaisingEvents = true };
            process.Exited += (_, _) => OnExit(process);
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
    }

    public void SigKill()
    {
        _wanted = false;
        Signal(Kill);
        _process!.WaitForExit();
    }

    public void SigStop() => Signal(Pause);

    public void SigContinue() => Signal(Continue);

    /// <summary>SIGTERM; it must drain.</summary>
    public async Task Stop()
    {
        _wanted = false;
        Signal(Terminate);
        using var deadline = new CancellationTokenSource(LongestStop);
        await _process!.WaitForExitAsync(deadline.Token);
        Assert.True(_process.ExitCode == 0, $"{Name} was stopped and ended with exit code {_process.ExitCode}: {NewestLines()}");
    }

    public void Dispose()
    {
        _wanted = false;
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int pid, int signal);

    private void Signal(int signal)
    {
        if (_process is { HasExited: false } running && SendSignal(running.Id, signal) != 0)
            note($"{Name}: signal {signal} did not arrive ({Marshal.GetLastPInvokeErrorMessage()})");
    }

    private void OnExit(Process process)
    {
        lock (_gate)
        {
            if (!_wanted || process != _process)
                return;
            UnaskedEnds++;
            note($"{Name} ended by itself, exit code {process.ExitCode}: {NewestLines()}");
        }

        Task.Delay(RestartAfter).ContinueWith(
            _ =>
            {
                lock (_gate)
                {
                    if (_wanted && process == _process)
                        Start();
                }
            },
            TaskScheduler.Default);
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        note($"  {Name}| {line}");
        lock (_newestLines)
        {
            if (_newestLines.Count == 5)
                _newestLines.Dequeue();
            _newestLines.Enqueue(line);
        }
    }

    private string NewestLines()
    {
        lock (_newestLines)
            return string.Join(" / ", _newestLines);
    }
}
