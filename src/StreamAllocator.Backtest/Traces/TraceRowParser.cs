using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Traces;

/// <summary>
/// One line of a layout to one row. A failure is named by <see cref="Column"/> and <see cref="Expected"/>, both constants, so that a bad
/// row costs nothing until somebody prints it.
/// </summary>
internal sealed class TraceRowParser(TraceLayout layout, TraceOptions options, VmNames vms, SeriesUnits units)
{
    private const long LastSecond = 253402300799;
    private const string Quantity = "a finite number, 0 or more, or blank";
    private const string Seconds = "epoch seconds, 0 to 253402300799";

    public string Column { get; private set; } = "";

    public string Expected { get; private set; } = "";

    public bool TryParse(ref CsvFields fields, ref TraceRow row) =>
        TryParseKey(ref fields, ref row) && (layout == TraceLayout.Vm ? TryParseVm(ref fields, ref row) : TryParseGeneric(ref fields, ref row));

    private bool TryParseKey(ref CsvFields fields, ref TraceRow row)
    {
        var isVm = layout == TraceLayout.Vm;
        if (!fields.TryReadText(out var id) || (row.Vm = vms.Intern(id)) < 0)
            return Fail(isVm ? "vm_id" : "series_id", Identifier.Expected);
        if (!fields.TryReadInteger(out var seconds) || seconds is < 0 or > LastSecond)
            return Fail("timestamp", Seconds);
        row.TimestampSeconds = seconds;
        return true;
    }

    private bool TryParseVm(ref CsvFields fields, ref TraceRow row)
    {
        if (!TryReadQuantity(ref fields, "cpu_percent", out var percent)
            || !TryReadQuantity(ref fields, "cpu_cores_used", out var cores)
            || !TryReadQuantity(ref fields, "cpu_cores_alloc", out var coresAllocated)
            || !TryReadQuantity(ref fields, "memory_used_gb", out var memory)
            || !TryReadQuantity(ref fields, "memory_alloc_gb", out var memoryAllocated)
            || !TryReadQuantity(ref fields, "disk_read_bps", out var read)
            || !TryReadQuantity(ref fields, "disk_write_bps", out var write)
            || !TryReadQuantity(ref fields, "net_rx_bps", out var received)
            || !TryReadQuantity(ref fields, "net_tx_bps", out var transmitted))
            return false;
        if (!fields.AtEnd)
            return Fail("a field after the last column", "11 columns");
        row.CpuCores = double.IsNaN(cores) ? percent / 100 * (double.IsNaN(coresAllocated) ? options.DefaultCores : coresAllocated) : cores;
        row.CpuCoresMax = double.NaN;
        row.CpuCoresAllocated = coresAllocated;
        row.MemoryGib = memory;
        row.MemoryGibAllocated = memoryAllocated;
        row.DiskBytesPerSecond = SumOfKnown(read, write);
        row.NetworkBytesPerSecond = SumOfKnown(received, transmitted);
        row.Metric = double.NaN;
        return true;
    }

    private bool TryParseGeneric(ref CsvFields fields, ref TraceRow row)
    {
        row.CpuCores = row.CpuCoresMax = row.CpuCoresAllocated = row.MemoryGib = row.MemoryGibAllocated = double.NaN;
        row.DiskBytesPerSecond = row.NetworkBytesPerSecond = row.Metric = double.NaN;
        if (!fields.TryReadNumber(out var value))
            return Fail("value", "a finite number, or blank");
        if (options.MetricName is not null)
            row.Metric = value;
        else if (value < 0)
            return Fail("value", Quantity);
        else
            row.CpuCores = value;

        if (!fields.TryReadText(out var unit))
            return Fail("unit", "4 columns");
        if (!units.Agrees(row.Vm, unit))
            return Fail("unit", "the unit of the series' earlier rows, at most 40 bytes");
        return fields.AtEnd || Fail("a field after the last column", "4 columns");
    }

    private bool TryReadQuantity(ref CsvFields fields, string column, out double value) =>
        fields.TryReadNumber(out value) && !(value < 0) || Fail(column, Quantity);

    private bool Fail(string column, string expected)
    {
        Column = column;
        Expected = expected;
        return false;
    }

    private static double SumOfKnown(double left, double right) =>
        double.IsNaN(left) ? right : double.IsNaN(right) ? left : left + right;
}
