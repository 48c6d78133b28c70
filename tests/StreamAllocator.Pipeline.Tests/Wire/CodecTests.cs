using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tests.Wire;

/// <summary>What holds for every hand-written codec; the generated class is the oracle.</summary>
public sealed class CodecTests
{
    private const int DamagedMessages = 4000;

    /// <summary>2^63 − 1 and −2^63 as varints.</summary>
    private static readonly byte[] LargestNumber = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F];

    private static readonly byte[] LeastNumber = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01];

    public static TheoryData<string> Names => [.. Codecs.All.Keys];

    public static TheoryData<string> Readers => [.. Codecs.All.Where(pair => pair.Value.Copy is not null).Select(pair => pair.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_are_those_of_the_generated_class(string name)
    {
        var codec = Codecs.All[name];
        var written = codec.Written();

        Assert.Equal(codec.Message, codec.Message.Descriptor.Parser.ParseFrom(written));
        Assert.Equal(codec.Message.ToByteArray(), written);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void What_was_read_is_written_again_alike(string name)
    {
        var codec = Codecs.All[name];
        var bytes = codec.Message.ToByteArray();

        Assert.Equal(bytes, codec.Copied(bytes));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_field_of_a_later_schema_is_passed_over(string name)
    {
        var codec = Codecs.All[name];
        var bytes = codec.Message.ToByteArray();
        var writer = new ProtoWriter();
        writer.Int64(900, 300);
        writer.Text(901, "later");
        writer.Double(902, 1.5);
        writer.Float(903, 1.5f);

        Assert.Equal(bytes, codec.Copied([.. writer.Written, .. bytes]));
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_message_cut_anywhere_is_read_or_refused_and_nothing_else(string name)
    {
        var bytes = Codecs.All[name].Message.ToByteArray();
        var refused = 0;
        for (var length = 0; length < bytes.Length; length++)
            refused += IsRefused(name, bytes[..length]) ? 1 : 0;

        Assert.InRange(refused, 1, bytes.Length);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Damaged_bytes_are_read_or_refused_and_nothing_else(string name)
    {
        var bytes = Codecs.All[name].Message.ToByteArray();
        var random = SeededRandom.For(6, name);
        var refused = 0;
        for (var round = 0; round < DamagedMessages; round++)
            refused += IsRefused(name, Damage(bytes, ref random)) ? 1 : 0;

        Assert.InRange(refused, DamagedMessages / 20, DamagedMessages);
    }

    /// <summary>Any exception but the codec's own fails the test, with the bytes that brought it about.</summary>
    private static bool IsRefused(string name, byte[] bytes)
    {
        try
        {
            Codecs.All[name].Copied(bytes);
            return false;
        }
        catch (WireFormatException)
        {
            return true;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{name}: {Convert.ToHexString(bytes)}", exception);
        }
    }

    private static byte[] Damage(byte[] bytes, ref SeededRandom random)
    {
        if (random.NextInt32(8) == 0)
            return Garbage(random.NextInt32(64), ref random);
        var damaged = bytes.ToList();
        for (var changes = 1 + random.NextInt32(4); changes > 0 && damaged.Count > 0; changes--)
        {
            var at = random.NextInt32(damaged.Count);
            switch (random.NextInt32(5))
            {
                case 0:
                    damaged[at] = (byte)random.NextUInt64();
                    break;
                case 1:
                    damaged[at] = 0xFF;
                    break;
                case 2:
                    damaged.RemoveAt(at);
                    break;
                case 3:
                    damaged.RemoveAt(at);
                    damaged.InsertRange(at, random.NextInt32(2) == 0 ? LargestNumber : LeastNumber);
                    break;
                default:
                    damaged.InsertRange(at, Garbage(1 + random.NextInt32(10), ref random));
                    break;
            }
        }

        return [.. damaged];
    }

    private static byte[] Garbage(int length, ref SeededRandom random)
    {
        var garbage = new byte[length];
        for (var index = 0; index < length; index++)
            garbage[index] = (byte)random.NextUInt64();
        return garbage;
    }
}
