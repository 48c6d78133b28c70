using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>Counts records, says when the job is done and prints the one RESULT line of a peer, as <c>Meter.java</c> of the others does.</summary>
internal sealed class PeerMeter : IDisposable
{
    private readonly string _name;
    private readonly long _expectOut;
    private readonly long _expectIn;
    private readonly TimeSpan _limit;
    private readonly TimeSpan _idle;
    private readonly ManualResetEventSlim _terminated = new();
    private readonly PosixSignalRegistration _sigterm;
    private readonly DateTime _start;
    private string _ended = "";
    private TimeSpan _firstIn;
    private TimeSpan _firstOut;
    private TimeSpan _done;
    private (long In, TimeSpan Cpu) _half;
    private (long In, TimeSpan Cpu) _end;

    public PeerMeter(string name, PeerFlags flags)
    {
        _name = flags.Text("name", name);
        _expectOut = flags.Number("expect", long.MaxValue);
        _expectIn = flags.Number("expect-in", 0);
        _limit = TimeSpan.FromSeconds(flags.Number("limit-s", 600));
        _idle = TimeSpan.FromSeconds(flags.Number("idle-s", 0));
        using (var process = Process.GetCurrentProcess())
            _start = process.StartTime.ToUniversalTime();
        _sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            _terminated.Set();
        });
        Event("READY", DateTime.UtcNow);
    }

    /// <summary>Written by one thread, read by the one that waits.</summary>
    public long In;

    public long Out;

    public long Late;

    /// <summary>All expected results are there, nothing has come for a while, SIGTERM, the time limit, or the work has ended by itself.</summary>
    public void AwaitDone(Task work)
    {
        var last = (In: 0L, At: TimeSpan.Zero);
        while (_ended.Length == 0)
        {
            var stopped = _terminated.Wait(5);
            var (now, came, went) = (DateTime.UtcNow - _start, Volatile.Read(ref In), Volatile.Read(ref Out));
            if (came > last.In)
                last = (came, now);
            if (came > 0 && _firstIn == default)
                _firstIn = now;
            if (went > 0 && _firstOut == default)
            {
                _firstOut = now;
                Event("FIRST_OUT", _start + now);
            }

            if (_expectIn > 0 && _half.In == 0 && came >= _expectIn / 2)
                _half = (came, Cpu());
            _ended = work.IsCompleted ? "failed"
                : stopped ? "sigterm"
                : went >= _expectOut ? "complete"
                : _idle > TimeSpan.Zero && came > 0 && now - last.At > _idle ? "idle"
                : now > _limit ? "time-limit" : "";
            _done = _ended == "idle" ? last.At : now;
            _end = (came, Cpu());
        }
    }

    /// <summary>After all is committed and closed.</summary>
    public void Report()
    {
        var (wall, cpu) = (DateTime.UtcNow - _start, Cpu());
        var steady = _half.In > 0 && _end.In > _half.In ? (_end.In - _half.In) / (_end.Cpu - _half.Cpu).TotalSeconds : 0;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"RESULT peer={_name} ended={_ended} in={In} out={Out} late={Late} wall_s={wall.TotalSeconds:0.00} active_s={(_done - _firstIn).TotalSeconds:0.00}"
            + $" cpu_s={cpu.TotalSeconds:0.00} rec_per_cpu_s={In / cpu.TotalSeconds:0} steady_rec_per_cpu_s={steady:0}"
            + $" rss_peak_mb={ProcessMemory.Self.PeakMebibytes:0} ready_ms=0 first_out_ms={_firstOut.TotalMilliseconds:0}"));
    }

    public void Dispose()
    {
        _sigterm.Dispose();
        _terminated.Dispose();
    }

    private static TimeSpan Cpu() => Environment.CpuUsage.TotalTime;

    private void Event(string what, DateTime at) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what} at_ms={new DateTimeOffset(at).ToUnixTimeMilliseconds()} since_start_ms={(at - _start).TotalMilliseconds:0}"));
}
