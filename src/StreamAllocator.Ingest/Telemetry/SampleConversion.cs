namespace StreamAllocator.Ingest.Telemetry;

/// <summary>Turns what an agent measured into columns: percent into cores, counters into rates. NaN is missing.</summary>
internal static class SampleConversion
{
    /// <summary>
    /// Between two values of a counter further apart than the longest window the rate says nothing about the interval of the second:
    /// it is missing, and the counter starts anew.
    /// </summary>
    private const long LongestGap = 15 * 60 * 1000;

    public static void Convert(SampleFields sample, VmRows rows, int row, Span<float> columns)
    {
        for (var column = 0; column < SampleFields.ColumnCount; column++)
            columns[column] = sample.Has(column) ? Positive(sample.Values[column]) : float.NaN;
        if (!sample.Has(0) && sample.Has(SampleFields.CpuPercent))
            columns[0] = Positive(sample.Values[SampleFields.CpuPercent] / 100 * sample.Values[SampleFields.CpuAllocated]);
        for (var counter = 0; counter < SampleFields.CounterCount; counter++)
        {
            if (!sample.HasCounter(counter))
                continue;
            var rate = Rate(rows, row, counter, sample.EventTime, sample.Counters[counter]);
            ref var column = ref columns[SampleFields.CounterColumn[counter]];
            column = float.IsNaN(column) ? (float)(rate / SampleFields.CounterUnit[counter]) : column;
        }
    }

    /// <summary>
    /// Units per second since the counter's last value. NaN for the first value, after a gap, and where it fell: it was reset, and how much
    /// of the interval the new value stands for is not known. A value older than the last one changes nothing.
    /// </summary>
    private static double Rate(VmRows rows, int row, int counter, long time, ulong value)
    {
        ref var lastTime = ref rows.CounterTime(row, counter);
        ref var last = ref rows.Counter(row, counter);
        if (time <= lastTime)
            return double.NaN;
        var known = lastTime != long.MinValue && time - lastTime <= LongestGap && value >= last;
        var rate = known ? (value - last) * 1000.0 / (time - lastTime) : double.NaN;
        (lastTime, last) = (time, value);
        return rate;
    }

    /// <summary>Without the sign of −0, which would make equal values differ in their bits.</summary>
    private static float Positive(double value) => (float)value + 0f;
}
