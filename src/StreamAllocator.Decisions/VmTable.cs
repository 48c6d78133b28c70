using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// The VMs of a pool in dense rows. The dictionary only looks up; every enumeration goes through <see cref="Order"/> or
/// <see cref="ById"/>, which do not depend on the order in which VMs came and went.
/// </summary>
internal sealed class VmTable
{
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private VmState[] _states = new VmState[16];
    private VmSpec[] _specs = new VmSpec[16];
    private VmTexts[] _texts = new VmTexts[16];
    private int[] _order = [];
    private int[] _byId = [];
    private bool _sorted = true;

    public int Count { get; private set; }

    public ref VmState State(int row) => ref _states[row];

    public ref VmTexts Texts(int row) => ref _texts[row];

    public VmSpec Spec(int row) => _specs[row];

    public bool TryFind(string vmId, out int row) => _rows.TryGetValue(vmId, out row);

    /// <summary>Rows by priority, critical first, then by id.</summary>
    public ReadOnlySpan<int> Order
    {
        get
        {
            Sort();
            return _order;
        }
    }

    /// <summary>Rows by id, ordinal.</summary>
    public ReadOnlySpan<int> ById
    {
        get
        {
            Sort();
            return _byId;
        }
    }

    public int Put(VmSpec spec)
    {
        if (_rows.TryGetValue(spec.VmId, out var row))
        {
            _sorted &= _specs[row].Priority == spec.Priority;
            _specs[row] = spec;
            return row;
        }

        row = Count++;
        if (row == _states.Length)
        {
            Array.Resize(ref _states, 2 * row);
            Array.Resize(ref _specs, 2 * row);
            Array.Resize(ref _texts, 2 * row);
        }

        _rows.Add(spec.VmId, row);
        _specs[row] = spec;
        _states[row] = VmState.Of(spec);
        _texts[row] = VmTexts.None;
        _sorted = false;
        return row;
    }

    public bool Remove(string vmId)
    {
        if (!_rows.Remove(vmId, out var row))
            return false;
        var last = --Count;
        if (row != last)
        {
            _states[row] = _states[last];
            _specs[row] = _specs[last];
            _texts[row] = _texts[last];
            _rows[_specs[row].VmId] = row;
        }

        _states[last] = default;
        _specs[last] = null!;
        _texts[last] = default;
        _sorted = false;
        return true;
    }

    private void Sort()
    {
        if (_sorted)
            return;
        _order = new int[Count];
        _byId = new int[Count];
        for (var row = 0; row < Count; row++)
            _order[row] = _byId[row] = row;
        Array.Sort(_byId, (left, right) => string.CompareOrdinal(_specs[left].VmId, _specs[right].VmId));
        Array.Sort(_order, (left, right) => _specs[left].Priority != _specs[right].Priority
            ? _specs[right].Priority.CompareTo(_specs[left].Priority)
            : string.CompareOrdinal(_specs[left].VmId, _specs[right].VmId));
        _sorted = true;
    }
}

/// <summary>The texts of one VM; empty is none.</summary>
/// <param name="HostId">Where it was last read back.</param>
/// <param name="OfferId">The offer it is placed on, where it is not on the pool's own hosts.</param>
/// <param name="PendingOfferId">The offer that the unanswered command places it on.</param>
/// <param name="LastOfferId">The offer chosen last, for the hysteresis on price.</param>
/// <param name="ModelVersion">What made its newest forecast.</param>
/// <param name="RequestId">The request that holds or changes it.</param>
internal record struct VmTexts(string HostId, string OfferId, string PendingOfferId, string LastOfferId, string ModelVersion, string RequestId)
{
    public static readonly VmTexts None = new("", "", "", "", "", "");
}
