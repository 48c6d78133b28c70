using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// Measures this machine: called every second, it keeps the busiest second of the interval; asked at the interval's end, it writes one sample.
/// Only differences are used, so the first interval begins with the first call. Lengths of time come from a clock that does not jump; the wall
/// clock only dates. Belongs to one thread.
/// </summary>
public sealed class HostSampler(string root = "/")
{
    private const double KibPerGib = 1 << 20;

    private HostReading? _start;
    private HostReading _last;
    private TimeSpan _startedAt;
    private double _coresMax;

    /// <summary>How long the running interval has lasted; nothing before the first look.</summary>
    /// <param name="at">A moment of the clock that does not jump.</param>
    public TimeSpan Elapsed(TimeSpan at) => _start is null ? TimeSpan.Zero : at - _startedAt;

    /// <summary>Reads the machine's counters.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public void Observe(TimeSpan at)
    {
        var reading = HostReading.Read(root);
        if (_start is null)
            Begin(at, reading);
        else
            _coresMax = Math.Max(_coresMax, Cores(_last, reading));
        _last = reading;
    }

    /// <summary>Writes the <c>UsageSample</c> of the interval that ends now, and begins the next one.</summary>
    public void WriteSample(string vmId, EventTime now, TimeSpan at, ProtoWriter writer)
    {
        var start = _start ?? throw new InvalidOperationException("nothing observed yet");
        var length = Elapsed(at);
        writer.Text(1, vmId);
        writer.Int64(2, now.UnixMilliseconds);
        writer.Int64(3, (long)length.TotalMilliseconds);
        var cores = Cores(start, _last);
        writer.PresentDouble(4, cores);
        writer.PresentDouble(5, Math.Max(cores, _coresMax));
        writer.PresentDouble(6, _last.MemoryUsedKib / KibPerGib);
        WriteRate(writer, 7, start.DiskBytes, _last.DiskBytes, length);
        WriteRate(writer, 8, start.NetworkBytes, _last.NetworkBytes, length);
        writer.PresentDouble(9, _last.Cpus);
        writer.PresentDouble(10, _last.MemoryTotalKib / KibPerGib);
        writer.PresentDouble(15, Share(start.StolenTicks, _last.StolenTicks, start, _last));
        Begin(at, _last);
    }

    /// <summary>A counter that fell (a device was taken away) gives no rate: missing, not zero.</summary>
    private static void WriteRate(ProtoWriter writer, int field, long from, long to, TimeSpan length)
    {
        if (to >= from && length > TimeSpan.Zero)
            writer.PresentDouble(field, (to - from) / length.TotalSeconds);
    }

    /// <summary>By the ticks there were, not by the clock: the two are not read at the same instant.</summary>
    private static double Cores(in HostReading from, in HostReading to) => Share(from.BusyTicks, to.BusyTicks, from, to) * to.Cpus;

    private static double Share(long fromTicks, long toTicks, in HostReading from, in HostReading to) =>
        to.TotalTicks > from.TotalTicks ? Math.Clamp((toTicks - fromTicks) / (double)(to.TotalTicks - from.TotalTicks), 0, 1) : 0;

    private void Begin(TimeSpan at, in HostReading reading)
    {
        _start = reading;
        _startedAt = at;
        _coresMax = 0;
    }
}
