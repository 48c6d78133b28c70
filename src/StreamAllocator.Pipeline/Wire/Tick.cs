using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>"From this source nothing earlier than this is expected."</summary>
/// <param name="Index">Which of the sources of this kind speaks, from 0.</param>
/// <param name="Count">How many of this kind there are.</param>
public readonly record struct Tick(TickSource Source, int Index, int Count, EventTime Time)
{
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

        if (index < 0 || index >= count)
            throw new WireFormatException($"tick of source {source} {index}: expected an index from 0 to {count - 1}");
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
