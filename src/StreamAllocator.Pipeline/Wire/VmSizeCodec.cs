using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Size</c>: cores and GiB.</summary>
public static class VmSizeCodec
{
    public static void Write(ProtoWriter writer, int field, VmSize size)
    {
        var mark = writer.Begin(field);
        writer.Double(1, size.CpuCores);
        writer.Double(2, size.MemoryGib);
        writer.End(mark);
    }

    public static VmSize Read(ProtoReader reader)
    {
        var (cores, gib) = (0.0, 0.0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    cores = reader.Double();
                    break;
                case 2:
                    gib = reader.Double();
                    break;
            }
        }

        if (!double.IsFinite(cores) || cores < 0 || !double.IsFinite(gib) || gib < 0)
            throw new WireFormatException(FormattableString.Invariant($"size of {cores} cores, {gib} GiB: expected finite numbers, 0 or more"));
        return new VmSize(cores, gib);
    }
}
