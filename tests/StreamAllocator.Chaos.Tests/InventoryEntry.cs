using System.Text;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Chaos.Tests;

/// <summary>An entry of the inventory as an operator publishes it.</summary>
internal sealed record InventoryEntry(string Topic, byte[] Key, byte[] Headers, byte[] Value)
{
    public static IEnumerable<InventoryEntry> Of(Fleet fleet, Topics topics)
    {
        var writer = new ProtoWriter();
        foreach (var host in fleet.Hosts)
        {
            writer.Clear();
            HostSpecCodec.WriteFields(writer, host);
            yield return new InventoryEntry(topics.Hosts, Encoding.UTF8.GetBytes(host.HostId), SchemaHeaders.HostSpec, writer.Written.ToArray());
        }

        foreach (var vm in fleet.Vms)
        {
            writer.Clear();
            VmSpecCodec.WriteFields(writer, vm);
            yield return new InventoryEntry(topics.Vms, Encoding.UTF8.GetBytes(vm.VmId), SchemaHeaders.VmSpec, writer.Written.ToArray());
        }
    }
}
