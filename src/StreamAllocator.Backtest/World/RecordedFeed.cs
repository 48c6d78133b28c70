using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.World;

/// <summary>A trace as it was recorded, once through.</summary>
public sealed class RecordedFeed(TraceReader reader) : IDemandFeed
{
    private readonly string _metricName = reader.Options.MetricName ?? "";
    private int _next;
    private bool _hasStep;
    private EventTime _skipped = EventTime.Unknown;

    public bool Ended { get; private set; }

    public string VmId(int vm) => reader.Vms[vm];

    public void SkipTo(EventTime time) => _skipped = time;

    public bool TryRead(EventTime until, ref DemandSample sample)
    {
        while (HasRow())
        {
            var end = reader.WindowStart + reader.Options.Step;
            if (end > until)
                return false;
            if (end <= _skipped)
            {
                _hasStep = false;
                continue;
            }

            Copy(reader.Rows[_next++], ref sample);
            return true;
        }

        return false;
    }

    public void Dispose() => reader.Dispose();

    private bool HasRow()
    {
        while (!Ended && (!_hasStep || _next == reader.Rows.Length))
        {
            _next = 0;
            _hasStep = reader.TryReadStep();
            Ended = !_hasStep;
        }

        return !Ended;
    }

    private void Copy(in TraceRow row, ref DemandSample sample)
    {
        sample.Vm = row.Vm;
        sample.Time = row.Time;
        sample.Interval = reader.Options.Step;
        sample.CpuCores = row.CpuCores;
        sample.CpuCoresMax = row.CpuCoresMax;
        sample.MemoryGib = row.MemoryGib;
        sample.DiskBytesPerSecond = row.DiskBytesPerSecond;
        sample.NetworkBytesPerSecond = row.NetworkBytesPerSecond;
        sample.CpuCoresAllocated = row.CpuCoresAllocated;
        sample.MemoryGibAllocated = row.MemoryGibAllocated;
        sample.Metric = row.Metric;
        sample.MetricName = _metricName;
    }
}
