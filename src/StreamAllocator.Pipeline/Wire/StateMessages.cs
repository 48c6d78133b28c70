using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Messages within a state, encoded as on the wire: their number, then each behind its length.</summary>
public static class StateMessages
{
    /// <exception cref="WireFormatException">The bytes are not that message.</exception>
    public delegate T Reader<out T>(ProtoReader reader);

    public static void Messages<T>(this StateWriter state, IReadOnlyCollection<T> messages, Action<ProtoWriter, T> writeFields)
    {
        var writer = new ProtoWriter();
        state.Int64(messages.Count);
        foreach (var message in messages)
        {
            writer.Clear();
            writeFields(writer, message);
            state.Array(writer.Written);
        }
    }

    /// <exception cref="InvalidDataException">The state ends early; nothing is guessed.</exception>
    public static List<T> Messages<T>(this ref StateReader state, Reader<T> read)
    {
        var messages = new List<T>();
        for (var count = state.Count(); count > 0; count--)
            messages.Add(read(new ProtoReader(state.Part())));
        return messages;
    }
}
