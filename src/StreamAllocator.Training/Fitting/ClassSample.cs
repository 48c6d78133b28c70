using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>
/// The usage of some VMs of one class over a span of windows: those VMs whose ids have the lowest hashes, in order of the hash. NaN is
/// missing; a censored value is negated (usage is never below 0), so that one float says both.
/// </summary>
public sealed class ClassSample(long firstWindow, int windows, int maxVms)
{
    private readonly SortedDictionary<(ulong Hash, string VmId), float[]> _series = new(
        Comparer<(ulong Hash, string VmId)>.Create(static (left, right) =>
            left.Hash != right.Hash ? left.Hash.CompareTo(right.Hash) : string.CompareOrdinal(left.VmId, right.VmId)));
    private ulong _highest;

    /// <summary>Index, since the epoch, of the first window of the span.</summary>
    public long FirstWindow { get; } = firstWindow;

    public int Windows { get; } = windows;

    /// <summary>Values that are known, over all VMs and resources.</summary>
    public long KnownValues { get; private set; }

    /// <summary>The first window, counted from that of the span, with a known value; <see cref="Windows"/> where there is none.</summary>
    public int FirstKnown
    {
        get
        {
            var first = Windows;
            foreach (var series in _series.Values)
            {
                for (var resource = 0; resource < Resources.Count; resource++)
                {
                    var known = series.AsSpan(resource * Windows, first).IndexOfAnyExcept(float.NaN);
                    first = known < 0 ? first : known;
                }
            }

            return first;
        }
    }

    /// <summary>Per VM one row of windows a resource, resource by resource.</summary>
    public IEnumerable<float[]> Series => _series.Values;

    /// <summary>Takes in the means of one window of a VM; one that is not among the lowest hashes is passed over.</summary>
    public void Add(string vmId, long window, ReadOnlySpan<float> means, ReadOnlySpan<bool> censored)
    {
        var at = window - FirstWindow;
        if (at < 0 || at >= Windows || SeriesOf(vmId) is not { } series)
            return;
        for (var resource = 0; resource < Math.Min(means.Length, Resources.Count); resource++)
        {
            ref var value = ref series[(resource * Windows) + (int)at];
            if (float.IsNaN(value) && float.IsFinite(means[resource]))
                KnownValues++;
            value = resource < censored.Length && censored[resource] ? -means[resource] : means[resource];
        }
    }

    private float[]? SeriesOf(string vmId)
    {
        var key = (StableHash.Of(vmId), vmId);
        if (_series.TryGetValue(key, out var series))
            return series;
        if (_series.Count == maxVms)
        {
            // The bar only sinks: a VM that was passed over or dropped does not come back with a hole.
            if (key.Item1 >= _highest)
                return null;
            Drop();
        }

        series = new float[Resources.Count * Windows];
        Array.Fill(series, float.NaN);
        _series.Add(key, series);
        _highest = Highest().Hash;
        return series;
    }

    private void Drop()
    {
        _series.Remove(Highest(), out var dropped);
        foreach (var value in dropped!)
            KnownValues -= float.IsFinite(value) ? 1 : 0;
    }

    private (ulong Hash, string VmId) Highest()
    {
        var highest = default((ulong, string));
        foreach (var key in _series.Keys)
            highest = key;
        return highest;
    }
}
