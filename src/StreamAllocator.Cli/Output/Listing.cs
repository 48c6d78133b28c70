using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamAllocator.Cli.Output;

internal enum OutputFormat
{
    /// <summary>Aligned columns for people.</summary>
    Table,

    Json,

    /// <summary>RFC 4180, with a first line of names.</summary>
    Csv,
}

/// <summary>Rows of named columns, printed as a person or a program wants them. A cell is a text, a number, a truth or null (absent).</summary>
internal sealed class Listing(params string[] columns)
{
    private readonly List<object?[]> _rows = [];

    public void Add(params object?[] cells) => _rows.Add(cells);

    public void Print(OutputFormat format, TextWriter to)
    {
        if (format == OutputFormat.Json)
            to.WriteLine(Json());
        else if (format == OutputFormat.Csv)
            PrintCsv(to);
        else
            PrintTable(to);
    }

    private static string Text(object? cell) => cell switch
    {
        null => "",
        double value => double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "",
        float value => Text((double)value),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString() ?? "",
    };

    private string Json()
    {
        var rows = _rows.Select(row =>
        {
            var named = new JsonObject();
            for (var column = 0; column < columns.Length; column++)
                named[columns[column]] = Node(row[column]);
            return (JsonNode)named;
        });
        return new JsonArray([.. rows]).ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static JsonNode? Node(object? cell) => cell switch
    {
        double value => double.IsFinite(value) ? value : null,
        float value => float.IsFinite(value) ? value : null,
        int value => value,
        long value => value,
        bool value => value,
        null => null,
        _ => Text(cell),
    };

    private void PrintCsv(TextWriter to)
    {
        to.WriteLine(string.Join(',', columns));
        foreach (var row in _rows)
            to.WriteLine(string.Join(',', row.Select(cell => Quoted(Full(cell)))));
    }

    /// <summary>A program gets every digit.</summary>
    private static string Full(object? cell) => cell switch
    {
        double value when double.IsFinite(value) => value.ToString("R", CultureInfo.InvariantCulture),
        float value when float.IsFinite(value) => value.ToString("R", CultureInfo.InvariantCulture),
        _ => Text(cell),
    };

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void PrintTable(TextWriter to)
    {
        var texts = _rows.Select(row => row.Select(Text).ToArray()).ToList();
        var widths = columns.Select((name, column) => Math.Max(name.Length, texts.Select(row => row[column].Length).DefaultIfEmpty().Max())).ToArray();
        var isNumber = columns.Select((_, column) => _rows.Any(row => row[column] is double or float or int or long)).ToArray();
        PrintLine(columns);
        foreach (var row in texts)
            PrintLine(row);

        void PrintLine(string[] cells)
        {
            var line = new StringBuilder();
            for (var column = 0; column < cells.Length; column++)
                line.Append(isNumber[column] ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column])).Append("  ");
            to.WriteLine(line.ToString().TrimEnd());
        }
    }
}
