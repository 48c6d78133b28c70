namespace StreamAllocator.Domain;

/// <summary>A VM as the inventory has it, with its time zone resolved.</summary>
/// <param name="Removed">It left: only the id of the spec is meant.</param>
public sealed record VmInventory(VmSpec Spec, ZoneOffsets Zone, bool Removed = false);
