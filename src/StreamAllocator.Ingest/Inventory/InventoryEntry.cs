using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Inventory;

/// <summary>One entry of the inventory, whichever kind it is: exactly one of the three nouns is there.</summary>
internal sealed record InventoryEntry(string Id, string PoolId, VmSpec? Vm = null, HostSpec? Host = null, Offer? Offer = null)
{
    /// <exception cref="WireFormatException">Not that message.</exception>
    public static InventoryEntry Read(InventoryKind kind, ReadOnlySpan<byte> value)
    {
        var reader = new ProtoReader(value);
        switch (kind)
        {
            case InventoryKind.Vms:
                var vm = VmSpecCodec.Read(reader);
                vm = vm with { TimeZone = vm.TimeZone.Length == 0 ? "UTC" : vm.TimeZone };
                return new InventoryEntry(vm.VmId, vm.PoolId, Vm: vm);
            case InventoryKind.Hosts:
                var host = HostSpecCodec.Read(reader);
                return new InventoryEntry(host.HostId, host.PoolId, Host: host);
            default:
                var offer = OfferCodec.Read(reader);
                return new InventoryEntry(offer.OfferId, offer.PoolId, Offer: offer);
        }
    }

    public IEnumerable<string> Violations()
    {
        if (Vm is null)
            return Host?.Violations() ?? Offer!.Violations();
        var violations = Vm.Violations();
        if (!Enum.IsDefined(Vm.Priority))
            violations = violations.Append($"priority {(int)Vm.Priority}: expected 0 (low) to 3 (critical)");
        if (!ZoneTransitions.IsKnown(Vm.TimeZone))
            violations = violations.Append($"time_zone '{Vm.TimeZone}': expected an IANA name, as Europe/Berlin");
        return violations;
    }

    public void WriteFields(ProtoWriter writer)
    {
        if (Vm is not null)
            VmSpecCodec.WriteFields(writer, Vm);
        else if (Host is not null)
            HostSpecCodec.WriteFields(writer, Host);
        else
            OfferCodec.WriteFields(writer, Offer!);
    }
}
