using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>"From this source nothing earlier than this is expected."</summary>
/// <param name="Index">Which of the sources of this kind speaks, from 0.</param>
/// <param name="Count">How many of this kind there are.</param>
public readonly record struct Tick(TickSource Source, int Index, int Count, EventTime Time)
{
    /// <summary>More sources of one kind than a log has partitions are a damaged record, and would cost memory for each.</summary>
    private const int MostSources = 1 << 16;

    public void Write(ProtoWriter writer, int field)
    {
        var mark = writer.Begin(field);
        WriteFields(writer);
        writer.End(mark);
    }

    public void WriteFields(ProtoWriter writer)
    {
        writer.Int64(1, (int)Source);
        writer.Int64(2, Index);
        writer.Int64(3, Count);
        writer.Int64(4, Time.UnixMilliseconds);
    }

    public static Tick Read(ProtoReader reader)
    {
        var (source, index, count, time) = (TickSource.Unspecified, 0, 0, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    source = (TickSource)reader.Int32();
                    break;
                case 2:
                    index = reader.Int32();
                    break;
                case 3:
                    count = reader.Int32();
                    break;
                case 4:
                    time = reader.Int64();
                    break;
            }
        }

        if (index < 0 || index >= count || count > MostSources)
            throw new WireFormatException($"tick of source {source}, {index} of {count}: expected an index below the count, and at most {MostSources}");
        return new Tick(source, index, count, new EventTime(time));
    }
}

public enum TickSource
{
    Unspecified = 0,
    Ingest = 1,
    Predict = 2,
    Decide = 3,
    Execute = 4,
    Train = 5,
}
