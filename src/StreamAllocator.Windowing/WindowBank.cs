using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Windowing;

/// <summary>
/// The open windows of many VMs in dense arrays: row = VM, and for each row a ring of <see cref="OpenWindows"/> windows, so that a source
/// may run ahead of the slowest one. Law: a window takes samples until it is closed, windows close in ascending order, each once.
/// <code>
///             closed     │ open: newest closed + 1 … + OpenWindows        │ too far ahead
///   [────)[────)[────)   │ [────)[────)[────)[────)[────)[────)[────)[────)│ [────)
///   late ◄───────────────┘                                                 └──► refused
/// </code>
/// </summary>
public sealed class WindowBank(WindowOptions options)
{
    public const int OpenWindows = 8;

    private const int SlotsPerRow = OpenWindows * Resources.Count;

    private readonly long _sizeMilliseconds = (long)options.Size.TotalMilliseconds;
    private readonly float _censoredRatio = (float)options.CensoredRatio;
    private Accumulator[] _accumulators = [];
    private WindowEvidence[] _evidence = [];
    private float[] _allocated = [];
    private long[] _newestSample = [];

    public int Rows { get; private set; }

    /// <summary>Index of the newest closed window (of the epoch); samples in it or before it are late.</summary>
    public long Closed { get; private set; } = long.MinValue;

    /// <summary>State of one VM, in bytes.</summary>
    public static int BytesPerVm =>
        SlotsPerRow * Unsafe.SizeOf<Accumulator>() + OpenWindows * Unsafe.SizeOf<WindowEvidence>()
        + Resources.ResizableCount * sizeof(float) + sizeof(long);

    public int Add()
    {
        if (Rows == _newestSample.Length)
        {
            var rows = Math.Max(16, Rows * 2);
            Array.Resize(ref _accumulators, rows * SlotsPerRow);
            Array.Resize(ref _evidence, rows * OpenWindows);
            Array.Resize(ref _allocated, rows * Resources.ResizableCount);
            Array.Resize(ref _newestSample, rows);
        }

        _allocated.AsSpan(Rows * Resources.ResizableCount, Resources.ResizableCount).Fill(float.NaN);
        _newestSample[Rows] = long.MinValue;
        return Rows++;
    }

    public long WindowOf(EventTime time) => EventTime.FloorDiv(time.UnixMilliseconds, _sizeMilliseconds);

    /// <summary>Adds a sample to its window, or says why not.</summary>
    public SampleVerdict Observe(int row, in UsageSample sample)
    {
        var window = WindowOf(sample.Time);
        if (window <= Closed)
            return SampleVerdict.Late;
        if (Closed != long.MinValue && window > Closed + OpenWindows)
            return SampleVerdict.TooFarAhead;
        if (sample.Time.UnixMilliseconds == _newestSample[row])
            return SampleVerdict.Duplicate;

        _newestSample[row] = Math.Max(_newestSample[row], sample.Time.UnixMilliseconds);
        var slot = Slot(window);
        var accumulators = _accumulators.AsSpan(row * SlotsPerRow + slot * Resources.Count, Resources.Count);
        accumulators[0].Add(sample.Cpu, float.IsNaN(sample.CpuMax) ? sample.Cpu : sample.CpuMax);
        accumulators[1].Add(sample.Memory, sample.Memory);
        accumulators[2].Add(sample.Disk, sample.Disk);
        accumulators[3].Add(sample.Network, sample.Network);

        ref var evidence = ref _evidence[row * OpenWindows + slot];
        evidence.AddThrottled(sample.ThrottledRatio);
        evidence.Cpu.Add(sample.Cpu, sample.CpuAllocated, _censoredRatio);
        evidence.Memory.Add(sample.Memory, sample.MemoryAllocated, _censoredRatio);
        return SampleVerdict.Accepted;
    }

    /// <summary>The allocation where samples do not tell it.</summary>
    public void SetAllocated(int row, VmSize size)
    {
        _allocated[row * Resources.ResizableCount] = (float)size.CpuCores;
        _allocated[row * Resources.ResizableCount + 1] = (float)size.MemoryGib;
    }

    /// <summary>Fixes where the windows begin, before the first is closed: all up to this one count as closed.</summary>
    public void StartAfter(long window)
    {
        if (Closed != long.MinValue)
            throw new InvalidOperationException($"windows up to {Closed} are closed already");
        Closed = window;
    }

    /// <summary>Reads a row's window that is about to be closed, and empties its place in the ring.</summary>
    public void Take(int row, long window, WindowFeatures into)
    {
        Debug.Assert(window == Closed + 1, "windows close in ascending order");
        var slot = Slot(window);
        into.Start = new EventTime(window * _sizeMilliseconds);
        into.End = new EventTime((window + 1) * _sizeMilliseconds);
        var accumulators = _accumulators.AsSpan(row * SlotsPerRow + slot * Resources.Count, Resources.Count);
        for (var resource = 0; resource < Resources.Count; resource++)
        {
            ref var accumulator = ref accumulators[resource];
            into.Count[resource] = accumulator.Count;
            into.Mean[resource] = accumulator.Mean;
            into.Max[resource] = accumulator.MaxOrMissing;
            accumulator = default;
        }

        ref var evidence = ref _evidence[row * OpenWindows + slot];
        var allocated = _allocated.AsSpan(row * Resources.ResizableCount, Resources.ResizableCount);
        into.Censored[0] = evidence.Cpu.IsCensored(ref allocated[0], _censoredRatio);
        into.Censored[1] = evidence.Memory.IsCensored(ref allocated[1], _censoredRatio);
        allocated.CopyTo(into.Allocated);
        into.ThrottledRatio = evidence.ThrottledRatio;
        evidence = default;
    }

    /// <summary>What the samples read since the last glance tell of an open window, before it closes: evidence for those who cannot wait.</summary>
    public (bool CpuCensored, bool MemoryCensored, bool Throttled) Glance(int row, long window)
    {
        ref var evidence = ref _evidence[row * OpenWindows + Slot(window)];
        return (evidence.Cpu.TakeNews(), evidence.Memory.TakeNews(), evidence.TakeThrottledNews());
    }

    /// <summary>Closes the next window, after <see cref="Take"/> for every row.</summary>
    public void Close(long window)
    {
        if (window != Closed + 1)
            throw new InvalidOperationException($"window {window} cannot close after {Closed}");
        Closed = window;
    }

    /// <summary>Keeps these rows only, which are then numbered in this order.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        _accumulators = Kept(_accumulators, SlotsPerRow, rows);
        _evidence = Kept(_evidence, OpenWindows, rows);
        _allocated = Kept(_allocated, Resources.ResizableCount, rows);
        _newestSample = Kept(_newestSample, 1, rows);
        Rows = rows.Length;
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(Closed);
        state.Array<Accumulator>(_accumulators.AsSpan(0, Rows * SlotsPerRow));
        state.Array<WindowEvidence>(_evidence.AsSpan(0, Rows * OpenWindows));
        state.Array<float>(_allocated.AsSpan(0, Rows * Resources.ResizableCount));
        state.Array<long>(_newestSample.AsSpan(0, Rows));
    }

    /// <exception cref="InvalidDataException">The bytes end early; nothing is guessed.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        Closed = state.Int64();
        _accumulators = state.Array<Accumulator>();
        _evidence = state.Array<WindowEvidence>();
        _allocated = state.Array<float>();
        _newestSample = state.Array<long>();
        Rows = _newestSample.Length;
    }

    private static T[] Kept<T>(T[] all, int perRow, ReadOnlySpan<int> rows)
    {
        var kept = new T[rows.Length * perRow];
        for (var row = 0; row < rows.Length; row++)
            all.AsSpan(rows[row] * perRow, perRow).CopyTo(kept.AsSpan(row * perRow));
        return kept;
    }

    internal static int Slot(long window) => (int)(window & (OpenWindows - 1));
}
