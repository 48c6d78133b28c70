using Google.Protobuf;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tests.Wire;

/// <summary>A hand-written codec beside the generated class that it must agree with.</summary>
/// <param name="Message">The same content as the generated class has it.</param>
/// <param name="Write">Writes that content by hand.</param>
/// <param name="Copy">Reads bytes by hand and writes again what was read; null where there is no reader.</param>
internal sealed record Codec(IMessage Message, Action<ProtoWriter> Write, Action<byte[], ProtoWriter>? Copy)
{
    public delegate T Reading<out T>(ProtoReader reader);

    public static Codec Of<T>(IMessage message, T value, Action<ProtoWriter, T> write, Reading<T> read) =>
        new(message, writer => write(writer, value), (bytes, writer) => write(writer, read(new ProtoReader(bytes))));

    public byte[] Written()
    {
        var writer = new ProtoWriter();
        Write(writer);
        return writer.Written.ToArray();
    }

    public byte[] Copied(byte[] bytes)
    {
        var writer = new ProtoWriter();
        Copy!(bytes, writer);
        return writer.Written.ToArray();
    }
}
