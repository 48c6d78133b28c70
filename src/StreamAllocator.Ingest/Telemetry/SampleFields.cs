using System.Text.Unicode;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>One sample as an agent wrote it, before any verdict; filled by a decoder, reused. Belongs to one thread.</summary>
internal sealed class SampleFields
{
    /// <summary>The columns of a sample, in their order: CPU, CPU max, memory, disk, network, CPU allocated, memory allocated, throttled ratio.</summary>
    public const int ColumnCount = 8;

    public const int CpuAllocated = 5;

    public const int ThrottledRatio = 7;

    /// <summary>Percent of the allocated cores: the value after the columns.</summary>
    public const int CpuPercent = 8;

    public const int ValueCount = 9;

    public const int CounterCount = 3;

    /// <summary>Names on the wire, by index; the counters follow the values.</summary>
    public static readonly string[] Names =
    [
        "cpu_cores", "cpu_cores_max", "memory_gib", "disk_bytes_per_second", "network_bytes_per_second", "cpu_cores_allocated",
        "memory_gib_allocated", "cpu_throttled_ratio", "cpu_percent", "cpu_nanoseconds_total", "disk_bytes_total", "network_bytes_total",
    ];

    /// <summary>Column that counter i becomes a rate of, and how many of the counter's units a second make one of the column's.</summary>
    public static readonly int[] CounterColumn = [0, 3, 4];

    public static readonly double[] CounterUnit = [1e9, 1, 1];

    private byte[] _vmId = new byte[256];
    private int _vmIdLength;
    private int _present;

    /// <summary>UTF-8 as it came, not yet known to be valid.</summary>
    public ReadOnlySpan<byte> VmId => _vmId.AsSpan(0, _vmIdLength);

    public long EventTime { get; set; }

    public long IntervalMilliseconds { get; set; }

    /// <summary>Its number among the samples of this VM from one source; 0 where it has none.</summary>
    public ulong Sequence { get; set; }

    public double[] Values { get; } = new double[ValueCount];

    public ulong[] Counters { get; } = new ulong[CounterCount];

    public List<(string Name, double Value)> Metrics { get; } = [];

    public bool IsEmpty => _present == 0 && Metrics.Count == 0;

    public void Clear()
    {
        _vmIdLength = 0;
        _present = 0;
        EventTime = 0;
        IntervalMilliseconds = 0;
        Sequence = 0;
        Metrics.Clear();
    }

    public bool Has(int value) => (_present & (1 << value)) != 0;

    public bool HasCounter(int counter) => Has(ValueCount + counter);

    public void SetVmId(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _vmId.Length)
            _vmId = new byte[utf8.Length];
        utf8.CopyTo(_vmId);
        _vmIdLength = utf8.Length;
    }

    /// <summary>A name that cannot be one becomes the empty name, which the verdict refuses; it must not fill the pool.</summary>
    public void AddMetric(ReadOnlySpan<byte> name, double value, StringPool names)
    {
        var possible = name.Length <= Identifier.MaxLength * 4 && Utf8.IsValid(name);
        Metrics.Add((possible ? names.Get(name) : "", value));
    }

    public void Set(int value, double number)
    {
        Values[value] = number;
        _present |= 1 << value;
    }

    public void SetCounter(int counter, ulong number)
    {
        Counters[counter] = number;
        _present |= 1 << (ValueCount + counter);
    }
}
