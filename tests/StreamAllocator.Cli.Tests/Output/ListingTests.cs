using StreamAllocator.Cli.Output;

namespace StreamAllocator.Cli.Tests.Output;

public sealed class ListingTests
{
    [Fact]
    public void A_table_has_texts_to_the_left_and_numbers_to_the_right()
    {
        Assert.Equal("name  cores\na       1.5\nbcd      10\n", Printed(OutputFormat.Table, ("a", 1.5), ("bcd", 10.0)));
    }

    [Fact]
    public void Csv_quotes_what_needs_it_and_keeps_every_digit()
    {
        Assert.Equal("name,cores\n\"a,\"\"b\"\"\",0.30000000000000004\nc,\n", Printed(OutputFormat.Csv, ("a,\"b\"", 0.1 + 0.2), ("c", double.NaN)));
    }

    [Fact]
    public void Json_names_each_cell_and_has_null_for_what_is_missing()
    {
        var printed = Printed(OutputFormat.Json, ("a", double.NaN)).Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);

        Assert.Equal("[{\"name\":\"a\",\"cores\":null}]", printed);
    }

    private static string Printed(OutputFormat format, params (string Name, double Cores)[] rows)
    {
        var listing = new Listing("name", "cores");
        foreach (var (name, cores) in rows)
            listing.Add(name, cores);
        using var writer = new StringWriter { NewLine = "\n" };
        listing.Print(format, writer);
        return writer.ToString();
    }
}
