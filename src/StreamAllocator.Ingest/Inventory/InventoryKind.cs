namespace StreamAllocator.Ingest.Inventory;

/// <summary>What an inventory topic holds. The value counts the fields of <c>PoolInputs</c>: 2 + 2·kind is the entry, 3 + 2·kind its removal.</summary>
public enum InventoryKind
{
    Vms = 0,
    Hosts = 1,
    Offers = 2,
}
