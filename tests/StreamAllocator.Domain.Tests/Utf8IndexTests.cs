using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamAllocator.Domain.Tests;

public sealed class Utf8IndexTests
{
    [Fact]
    public void Texts_are_numbered_in_the_order_in_which_they_first_came_and_found_again()
    {
        var index = new Utf8Index();
        for (var pass = 0; pass < 2; pass++)
        {
            for (var number = 0; number < 10_000; number++)
                Assert.Equal(number, index.FindOrAdd(Text(number)));
        }

        Assert.Equal(10_000, index.Count);
        Assert.Equal("vm-1234", Encoding.UTF8.GetString(index[1234]));
        Assert.Equal(StableHash.Of("vm-1234"), index.Hash(1234));
        Assert.Equal(1234, index.Find("vm-1234"u8));
        Assert.Equal(-1, index.Find("vm-10000"u8));
        Assert.Equal(10_000, index.Count);
    }

    [Fact]
    public void The_empty_text_is_one_like_any_other()
    {
        var index = new Utf8Index();
        Assert.Equal(-1, index.Find(""u8));
        Assert.Equal(0, index.FindOrAdd("a"u8));
        Assert.Equal(1, index.FindOrAdd(""u8));
        Assert.Equal(1, index.Find(""u8));
    }

    [Fact]
    public void A_restored_index_numbers_alike_and_saves_the_same_bytes()
    {
        var index = new Utf8Index();
        for (var number = 0; number < 1000; number++)
            index.FindOrAdd(Text(number * 7919 % 1000));
        var saved = Save(index);

        var restored = new Utf8Index();
        restored.Load(saved);

        Assert.Equal(saved, Save(restored));
        Assert.Equal(index.Find(Text(500)), restored.Find(Text(500)));
        Assert.Equal(1000, restored.FindOrAdd("another"u8));
    }

    [Fact]
    public void A_saved_index_that_was_cut_short_is_refused()
    {
        var index = new Utf8Index();
        index.FindOrAdd("vm"u8);
        Assert.Throws<InvalidDataException>(() => new Utf8Index().Load(Save(index).AsSpan()[..^1]));
    }

    private static byte[] Text(int number) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"vm-{number}"));

    private static byte[] Save(Utf8Index index)
    {
        var state = new ArrayBufferWriter<byte>();
        index.Save(state);
        return state.WrittenSpan.ToArray();
    }
}
