using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>HostSpec</c>.</summary>
public static class HostSpecCodec
{
    public static void WriteFields(ProtoWriter writer, HostSpec host)
    {
        writer.Text(1, host.HostId);
        writer.Text(2, host.PoolId);
        writer.Text(3, host.Provider);
        writer.Text(4, host.Region);
        VmSizeCodec.Write(writer, 5, host.Capacity);
        VmSizeCodec.Write(writer, 6, host.Granularity);
        writer.Bool(7, host.Spot);
    }

    public static HostSpec Read(ProtoReader reader)
    {
        var host = new HostSpec("", "", "", "", default, default);
        while (reader.Next())
        {
            host = reader.Field switch
            {
                1 => host with { HostId = reader.Text() },
                2 => host with { PoolId = reader.Text() },
                3 => host with { Provider = reader.Text() },
                4 => host with { Region = reader.Text() },
                5 => host with { Capacity = VmSizeCodec.Read(reader.Message()) },
                6 => host with { Granularity = VmSizeCodec.Read(reader.Message()) },
                7 => host with { Spot = reader.Bool() },
                _ => host,
            };
        }

        return host;
    }
}
