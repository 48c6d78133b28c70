using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Backtest.World;

/// <summary>Packs the samples between two heartbeats into one telemetry record. Belongs to one thread; empty between two heartbeats.</summary>
internal sealed class TelemetryWriter(TopicPartition target)
{
    /// <summary>A log takes records of up to a mebibyte by default; what is above a quarter of it goes into a record of its own.</summary>
    private const int LargestPack = 256 * 1024;

    private readonly ProtoWriter _writer = new();

    /// <param name="vmId">In UTF-8.</param>
    /// <param name="throttled">Share of the demand that was not given; NaN is unknown.</param>
    public void Add(ReadOnlySpan<byte> vmId, in DemandSample usage, double throttled, OutputBatch outputs)
    {
        if (_writer.Written.Length > LargestPack)
            Flush(usage.Time, outputs);
        var mark = _writer.Begin(1);
        _writer.Bytes(1, vmId);
        _writer.Int64(2, usage.Time.UnixMilliseconds);
        _writer.Int64(3, (long)usage.Interval.TotalMilliseconds);
        Known(4, usage.CpuCores);
        Known(5, usage.CpuCoresMax);
        Known(6, usage.MemoryGib);
        Known(7, usage.DiskBytesPerSecond);
        Known(8, usage.NetworkBytesPerSecond);
        Known(9, usage.CpuCoresAllocated);
        Known(10, usage.MemoryGibAllocated);
        Known(15, throttled);
        if (!double.IsNaN(usage.Metric) && usage.MetricName is { Length: > 0 } name)
            Metric(name, usage.Metric);
        _writer.End(mark);
    }

    /// <summary>Sends what was added; with it, that everything before <paramref name="time"/> has been sent.</summary>
    public void Heartbeat(EventTime time, OutputBatch outputs)
    {
        var mark = _writer.Begin(2);
        _writer.Int64(1, time.UnixMilliseconds);
        _writer.End(mark);
        Flush(time, outputs);
    }

    private void Flush(EventTime time, OutputBatch outputs)
    {
        outputs.Append(target, time, [], SchemaHeaders.Telemetry, _writer.Written);
        _writer.Clear();
    }

    private void Known(int field, double value)
    {
        if (!double.IsNaN(value))
            _writer.PresentDouble(field, value);
    }

    private void Metric(string name, double value)
    {
        var mark = _writer.Begin(16);
        _writer.Text(1, name);
        _writer.Double(2, value);
        _writer.End(mark);
    }
}
