using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Windowing;

/// <summary>
/// The open windows of many VMs: a ring of <see cref="OpenWindows"/> of them, so that a source may run ahead of the slowest one, each a dense
/// table with a row a VM that is there while the window has samples. Law: a window takes samples until it is closed, windows close in
/// ascending order, each once.
/// <code>
///             closed     │ open: newest closed + 1 … + OpenWindows        │ too far ahead
///   [────)[────)[────)   │ [────)[────)[────)[────)[────)[────)[────)[────)│ [────)
///   late ◄───────────────┘                                                 └──► refused
/// </code>
/// </summary>
public sealed class WindowBank(WindowOptions options)
{
    public const int OpenWindows = 8;

    private readonly long _sizeMilliseconds = (long)options.Size.TotalMilliseconds;
    private readonly float _censoredRatio = (float)options.CensoredRatio;
    private readonly OpenWindow[]?[] _open = new OpenWindow[OpenWindows][];
    private readonly Stack<OpenWindow[]> _spare = [];
    private float[] _allocated = [];
    private long[] _newestSample = [];
    private (long Index, long Start) _lookedUp;

    public int Rows { get; private set; }

    /// <summary>Index of the newest closed window (of the epoch); samples in it or before it are late.</summary>
    public long Closed { get; private set; } = long.MinValue;

    /// <summary>State of one VM while so many windows have samples, in bytes.</summary>
    public static int BytesPerVm(int openWindows) =>
        openWindows * Unsafe.SizeOf<OpenWindow>() + Resources.ResizableCount * sizeof(float) + sizeof(long);

    public int Add()
    {
        if (Rows == _newestSample.Length)
        {
            var rows = Math.Max(16, Rows * 2);
            Array.Resize(ref _allocated, rows * Resources.ResizableCount);
            Array.Resize(ref _newestSample, rows);
            for (var slot = 0; slot < OpenWindows; slot++)
            {
                if (_open[slot] is not null)
                    Array.Resize(ref _open[slot], rows);
            }

            _spare.Clear();
        }

        _allocated.AsSpan(Rows * Resources.ResizableCount, Resources.ResizableCount).Fill(float.NaN);
        _newestSample[Rows] = long.MinValue;
        return Rows++;
    }

    /// <summary>Most samples fall into the window of the one before, which is found without a division.</summary>
    public long WindowOf(EventTime time)
    {
        if ((ulong)(time.UnixMilliseconds - _lookedUp.Start) >= (ulong)_sizeMilliseconds)
        {
            var index = EventTime.FloorDiv(time.UnixMilliseconds, _sizeMilliseconds);
            _lookedUp = (index, index * _sizeMilliseconds);
        }

        return _lookedUp.Index;
    }

    /// <summary>Adds a sample to its window, or says why not.</summary>
    public SampleVerdict Observe(int row, in UsageSample sample)
    {
        var window = WindowOf(sample.Time);
        if (window <= Closed)
            return SampleVerdict.Late;
        if (Closed != long.MinValue && window > Closed + OpenWindows)
            return SampleVerdict.TooFarAhead;
        ref var newest = ref _newestSample[row];
        if (sample.Time.UnixMilliseconds == newest)
            return SampleVerdict.Duplicate;

        newest = Math.Max(newest, sample.Time.UnixMilliseconds);
        (_open[Slot(window)] ?? Open(window))[row].Add(sample, _censoredRatio);
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

    /// <summary>Reads a row's window that is about to be closed, and empties its place.</summary>
    public void Take(int row, long window, WindowFeatures into)
    {
        Debug.Assert(window == Closed + 1, "windows close in ascending order");
        into.Start = new EventTime(window * _sizeMilliseconds);
        into.End = new EventTime((window + 1) * _sizeMilliseconds);
        ref var open = ref Find(row, window);
        if (Unsafe.IsNullRef(ref open))
        {
            var nothing = default(OpenWindow);
            nothing.Read(_allocated.AsSpan(row * Resources.ResizableCount, Resources.ResizableCount), _censoredRatio, into);
            return;
        }

        open.Read(_allocated.AsSpan(row * Resources.ResizableCount, Resources.ResizableCount), _censoredRatio, into);
        open = default;
    }

    /// <summary>What the samples read since the last glance tell of an open window, before it closes: evidence for those who cannot wait.</summary>
    public (bool CpuCensored, bool MemoryCensored, bool Throttled) Glance(int row, long window)
    {
        ref var open = ref Find(row, window);
        return Unsafe.IsNullRef(ref open) ? default : open.Evidence.TakeNews();
    }

    /// <summary>Closes the next window, after <see cref="Take"/> for every row.</summary>
    public void Close(long window)
    {
        if (window != Closed + 1)
            throw new InvalidOperationException($"window {window} cannot close after {Closed}");
        Closed = window;
        if (_open[Slot(window)] is { } emptied)
            _spare.Push(emptied);
        _open[Slot(window)] = null;
    }

    /// <summary>Keeps these rows only, which are then numbered in this order.</summary>
    public void Keep(ReadOnlySpan<int> rows)
    {
        for (var slot = 0; slot < OpenWindows; slot++)
        {
            if (_open[slot] is { } open)
                _open[slot] = Kept(open, 1, rows);
        }

        _spare.Clear();
        _allocated = Kept(_allocated, Resources.ResizableCount, rows);
        _newestSample = Kept(_newestSample, 1, rows);
        Rows = rows.Length;
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Int64(Closed);
        foreach (var open in _open)
        {
            state.Bool(open is not null);
            if (open is not null)
                state.Array<OpenWindow>(open.AsSpan(0, Rows));
        }

        state.Array<float>(_allocated.AsSpan(0, Rows * Resources.ResizableCount));
        state.Array<long>(_newestSample.AsSpan(0, Rows));
    }

    /// <exception cref="InvalidDataException">The bytes end early; nothing is guessed.</exception>
    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        Closed = state.Int64();
        for (var slot = 0; slot < OpenWindows; slot++)
            _open[slot] = state.Bool() ? state.Array<OpenWindow>() : null;
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

    private OpenWindow[] Open(long window) => _open[Slot(window)] = _spare.TryPop(out var spare) ? spare : new OpenWindow[_newestSample.Length];

    /// <summary>Null where the window has no samples of anyone.</summary>
    private ref OpenWindow Find(int row, long window)
    {
        if (_open[Slot(window)] is { } open)
            return ref open[row];
        return ref Unsafe.NullRef<OpenWindow>();
    }
}
