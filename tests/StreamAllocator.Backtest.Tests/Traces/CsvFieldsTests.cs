using System.Globalization;
using System.Text;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Traces;

public sealed class CsvFieldsTests
{
    [Fact]
    public void Numbers_have_the_same_bits_as_the_general_parser_gives()
    {
        const ulong seed = 11;
        var random = new SeededRandom(seed);
        for (var at = 0; at < 200_000; at++)
        {
            var digits = (random.NextUInt64() >> random.NextInt32(64)).ToString(CultureInfo.InvariantCulture);
            var point = random.NextInt32(digits.Length + 1);
            var text = digits[..point] + "." + digits[point..];
            Assert.True(TryRead(text, out var value), $"seed {seed}: {text}");
            Assert.Equal(double.Parse(text, CultureInfo.InvariantCulture), value);
        }
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("007.50", 7.5)]
    [InlineData("1e3", 1000)]
    [InlineData("-0.25", -0.25)]
    [InlineData("", double.NaN)]
    [InlineData("123456789012345678901234567890", 123456789012345678901234567890.0)]
    public void Number_or_blank_is_read(string text, double expected)
    {
        Assert.True(TryRead(text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("1 ")]
    [InlineData("1.2.3")]
    [InlineData("0x1")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    public void Anything_else_is_refused(string text) => Assert.False(TryRead(text, out _));

    [Fact]
    public void Fields_end_where_the_line_ends()
    {
        var fields = new CsvFields("ab,,7"u8);

        Assert.True(fields.TryReadText(out var text));
        Assert.Equal("ab", Encoding.UTF8.GetString(text));
        Assert.True(fields.TryReadNumber(out var blank));
        Assert.False(fields.AtEnd);
        Assert.True(fields.TryReadInteger(out var integer));
        Assert.True(fields.AtEnd);
        Assert.False(fields.TryReadNumber(out _));
        Assert.Equal((double.NaN, 7L), (blank, integer));
    }

    /// <summary>Reads the text as the first of two fields; the second must come out too.</summary>
    private static bool TryRead(string text, out double value)
    {
        var fields = new CsvFields(Encoding.UTF8.GetBytes(text + ",5"));
        if (!fields.TryReadNumber(out value))
            return false;
        Assert.True(fields.TryReadInteger(out var next));
        Assert.Equal(5, next);
        return true;
    }
}
