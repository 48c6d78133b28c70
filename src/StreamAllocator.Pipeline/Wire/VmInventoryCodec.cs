using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>VmInventory</c>.</summary>
public static class VmInventoryCodec
{
    public static void WriteFields(ProtoWriter writer, VmInventory inventory)
    {
        var mark = writer.Begin(1);
        VmSpecCodec.WriteFields(writer, inventory.Spec);
        writer.End(mark);
        writer.Bool(2, inventory.Removed);
        writer.Packed<EventTime>(3, inventory.Zone.From.ToArray());
        writer.Packed<int>(4, inventory.Zone.OffsetMinutes.ToArray());
    }

    public static VmInventory Read(ProtoReader reader)
    {
        VmSpec? spec = null;
        var (removed, fromCount, offsetCount) = (false, 0, 0);
        EventTime[] from = [];
        int[] offsets = [];
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    spec = VmSpecCodec.Read(reader.Message());
                    break;
                case 2:
                    removed = reader.Bool();
                    break;
                case 3:
                    reader.Packed(ref from, out fromCount);
                    break;
                case 4:
                    reader.Packed(ref offsets, out offsetCount);
                    break;
            }
        }

        if (spec is null)
            throw new WireFormatException("inventory of a VM without its spec");
        if (fromCount != offsetCount)
            throw new WireFormatException($"zone of VM '{spec.VmId}': {fromCount} times, {offsetCount} offsets: expected as many");
        return new VmInventory(spec, new ZoneOffsets(from[..fromCount], offsets[..offsetCount]), removed);
    }
}
