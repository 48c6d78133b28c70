namespace StreamAllocator.Backtest.Traces;

/// <summary>
/// Puts the rows of the file of maxima beside those of the means, by VM and timestamp within a time step. State: touched by one thread.
/// </summary>
internal sealed class MaximumJoin
{
    private const string Expected = "a row of the same vm_id and timestamp in the file of means";

    /// <summary>Per VM the last row of the step, per row the row of the same VM before it; −1 ends the chain.</summary>
    private int[] _lastRow = [];
    private int[] _rowBefore = [];

    public void Apply(TraceFile maxima, long window, Span<TraceRow> rows)
    {
        Index(rows);
        while (maxima.HasRow && maxima.Step <= window)
        {
            var at = maxima.Step == window ? Find(rows, maxima.Row) : -1;
            if (at < 0)
                maxima.Report(FormattableString.Invariant($"timestamp '{maxima.Row.TimestampSeconds}'"), Expected);
            else
                rows[at].CpuCoresMax = maxima.Row.CpuCores;
            maxima.Advance();
        }

        foreach (ref readonly var row in rows)
            _lastRow[row.Vm] = -1;
    }

    public static void ReportRest(TraceFile? maxima)
    {
        while (maxima is { HasRow: true })
        {
            maxima.Report(FormattableString.Invariant($"timestamp '{maxima.Row.TimestampSeconds}'"), Expected);
            maxima.Advance();
        }
    }

    private void Index(Span<TraceRow> rows)
    {
        if (_rowBefore.Length < rows.Length)
            _rowBefore = new int[Math.Max(rows.Length, 2 * _rowBefore.Length)];
        for (var at = 0; at < rows.Length; at++)
        {
            var vm = rows[at].Vm;
            if (vm >= _lastRow.Length)
                GrowVms(vm + 1);
            _rowBefore[at] = _lastRow[vm];
            _lastRow[vm] = at;
        }
    }

    private int Find(Span<TraceRow> rows, in TraceRow maximum)
    {
        var at = maximum.Vm < _lastRow.Length ? _lastRow[maximum.Vm] : -1;
        while (at >= 0 && rows[at].TimestampSeconds != maximum.TimestampSeconds)
            at = _rowBefore[at];
        return at;
    }

    private void GrowVms(int count)
    {
        var before = _lastRow.Length;
        Array.Resize(ref _lastRow, Math.Max(count, 2 * before));
        _lastRow.AsSpan(before).Fill(-1);
    }
}
