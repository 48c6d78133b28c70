namespace StreamAllocator.Backtest.Traces;

/// <summary>The documented layouts of a trace file, known by their first line.</summary>
public enum TraceLayout
{
    /// <summary>One row per VM and sample, eleven columns (<see cref="TraceLayouts.VmHeader"/>).</summary>
    Vm,

    /// <summary>One value per series and sample: <c>series_id,timestamp,value,unit</c>.</summary>
    Generic,
}

public static class TraceLayouts
{
    public const string VmHeader = "vm_id,timestamp,cpu_percent,cpu_cores_used,cpu_cores_alloc,memory_used_gb,memory_alloc_gb,"
        + "disk_read_bps,disk_write_bps,net_rx_bps,net_tx_bps";

    public const string GenericHeader = "series_id,timestamp,value,unit";

    public static string HeaderOf(TraceLayout layout) => layout switch
    {
        TraceLayout.Vm => VmHeader,
        TraceLayout.Generic => GenericHeader,
        _ => throw new ArgumentOutOfRangeException(nameof(layout), layout, "expected a layout of this enum"),
    };

    /// <summary>The layout named on a command line: <c>vm</c> or <c>generic</c>; <c>null</c> if it is neither.</summary>
    public static TraceLayout? Parse(string name) => name switch
    {
        "vm" => TraceLayout.Vm,
        "generic" => TraceLayout.Generic,
        _ => null,
    };
}
