using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>VmSpec</c>.</summary>
public static class VmSpecCodec
{
    public static void WriteFields(ProtoWriter writer, VmSpec spec)
    {
        writer.Text(1, spec.VmId);
        writer.Text(2, spec.PoolId);
        VmSizeCodec.Write(writer, 3, spec.Provisioned);
        VmSizeCodec.Write(writer, 4, spec.Lower);
        VmSizeCodec.Write(writer, 5, spec.Upper);
        writer.Int64(6, (int)spec.Priority);
        writer.Text(7, spec.TimeZone);
        writer.Text(8, spec.JobClass);
    }

    public static VmSpec Read(ProtoReader reader)
    {
        var spec = new VmSpec("", "", default, default, default, Priority.Low);
        while (reader.Next())
        {
            spec = reader.Field switch
            {
                1 => spec with { VmId = reader.Text() },
                2 => spec with { PoolId = reader.Text() },
                3 => spec with { Provisioned = VmSizeCodec.Read(reader.Message()) },
                4 => spec with { Lower = VmSizeCodec.Read(reader.Message()) },
                5 => spec with { Upper = VmSizeCodec.Read(reader.Message()) },
                6 => spec with { Priority = (Priority)reader.Int32() },
                7 => spec with { TimeZone = reader.Text() },
                8 => spec with { JobClass = reader.Text() },
                _ => spec,
            };
        }

        return spec;
    }
}
