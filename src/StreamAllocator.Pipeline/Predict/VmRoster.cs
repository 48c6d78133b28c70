using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>The VMs of a predict task by dense row. A row stays its VM's for good: one that comes back goes on with its history.</summary>
internal sealed class VmRoster
{
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    public Entry this[int row] => _entries[row];

    /// <summary>The row of a VM, or −1 where it is unknown or has left.</summary>
    public int Find(string vmId) => _rows.TryGetValue(vmId, out var row) && _entries[row].IsPresent ? row : -1;

    /// <summary>Takes a VM in, or its new inventory; true if its row is new.</summary>
    public bool Put(VmInventory inventory, out int row)
    {
        var isNew = !_rows.TryGetValue(inventory.Spec.VmId, out row);
        if (isNew)
        {
            row = _entries.Count;
            _rows.Add(inventory.Spec.VmId, row);
            _entries.Add(new Entry(inventory));
        }
        else
        {
            _entries[row].Replace(inventory);
        }

        return isNew;
    }

    public void Remove(string vmId)
    {
        if (_rows.TryGetValue(vmId, out var row))
            _entries[row].IsPresent = false;
    }

    /// <summary>Keeps the VMs that belong to a partition only, in their order; the rows that they had.</summary>
    public int[] Keep(int partition, int partitions)
    {
        var rows = Enumerable.Range(0, Count).Where(row => StableHash.Partition(_entries[row].Key, partitions) == partition).ToArray();
        var kept = rows.Select(row => _entries[row]).ToList();
        _rows.Clear();
        _entries.Clear();
        foreach (var entry in kept)
        {
            _rows.Add(entry.Spec.VmId, _entries.Count);
            _entries.Add(entry);
        }

        return rows;
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        var writer = new ProtoWriter();
        state.Int64(_entries.Count);
        foreach (var entry in _entries)
        {
            writer.Clear();
            VmInventoryCodec.WriteFields(writer, entry.Inventory);
            state.Array(writer.Written);
            state.Bool(entry.IsPresent);
            state.Bool(entry.IsQuarantined);
            state.Int64(entry.KnownWindows);
            state.Text(entry.ModelVersion);
        }
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        for (var count = state.Int64(); count > 0; count--)
        {
            Put(VmInventoryCodec.Read(new ProtoReader(state.Part())), out var row);
            var entry = _entries[row];
            entry.IsPresent = state.Bool();
            entry.IsQuarantined = state.Bool();
            entry.KnownWindows = state.Int32();
            entry.ModelVersion = state.Text();
        }
    }

    internal sealed class Entry(VmInventory inventory)
    {
        private ulong _poolHash = StableHash.Of(inventory.Spec.PoolId);

        public VmInventory Inventory { get; private set; } = inventory;

        public byte[] Key { get; } = Encoding.UTF8.GetBytes(inventory.Spec.VmId);

        public VmSpec Spec => Inventory.Spec;

        public int PoolPartition(int partitions) => (int)(_poolHash % (uint)partitions);

        public bool IsPresent { get; set; } = true;

        /// <summary>An input made the step fail for this VM: it is left alone from then on, in every re-run alike.</summary>
        public bool IsQuarantined { get; set; }

        public int KnownWindows { get; set; }

        public string ModelVersion { get; set; } = "default";

        public void Replace(VmInventory inventory)
        {
            Inventory = inventory;
            _poolHash = StableHash.Of(inventory.Spec.PoolId);
            IsPresent = true;
        }
    }
}
