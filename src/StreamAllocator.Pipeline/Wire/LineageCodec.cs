using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Lineage</c>, the value of the topic lineage.</summary>
public static class LineageCodec
{
    public static void WriteFields(ProtoWriter writer, Lineage lineage)
    {
        writer.Int64(1, lineage.Partitions);
        foreach (var ends in lineage.Former)
        {
            var mark = writer.Begin(2);
            writer.Packed<long>(1, [.. ends]);
            writer.End(mark);
        }
    }

    /// <exception cref="WireFormatException">Malformed, or a number of partitions is no multiple of the one before.</exception>
    public static Lineage Read(ProtoReader reader)
    {
        var partitions = 0;
        List<IReadOnlyList<long>> former = [];
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    partitions = reader.Int32();
                    break;
                case 2:
                    former.Add(Ends(reader.Message()));
                    break;
            }
        }

        var counts = former.Select(ends => ends.Count).Append(partitions).ToList();
        for (var index = 0; index < counts.Count; index++)
        {
            if (counts[index] < 1 || (index > 0 && counts[index] % counts[index - 1] != 0))
                throw new WireFormatException($"lineage of {string.Join(", ", counts)} partitions: expected 1 or more, each a multiple of the one before");
        }

        return new Lineage(partitions, former);
    }

    private static long[] Ends(ProtoReader reader)
    {
        long[] ends = [];
        var count = 0;
        while (reader.Next())
        {
            if (reader.Field == 1)
                reader.Packed(ref ends, out count);
        }

        return ends[..count];
    }
}
