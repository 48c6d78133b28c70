using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace StreamAllocator.Server.Requests;

/// <summary>Takes the fields of a JSON object one by one and collects everything wrong with them.</summary>
internal sealed class BodyReader
{
    private const int LongestFound = 80;

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);

    public List<Violation> Violations { get; } = [];

    /// <summary>Reads the body; a body that is no JSON object is the one violation.</summary>
    public static async Task<BodyReader> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = new BodyReader();
        if (!request.HasJsonContentType())
        {
            reader.Add("Content-Type", $"'{request.ContentType}'", "application/json");
            return reader;
        }

        try
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: cancellationToken);
            if (body.ValueKind != JsonValueKind.Object)
            {
                reader.Add("body", Shown(body), "a JSON object");
                return reader;
            }

            foreach (var field in body.EnumerateObject())
            {
                if (!reader._fields.TryAdd(field.Name, field.Value))
                    reader.Add(field.Name, "it twice", "it once");
            }
        }
        catch (JsonException exception)
        {
            reader.Add("body", $"no JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}", "a JSON object");
        }

        return reader;
    }

    /// <summary>A number above 0; null where it is absent or wrong.</summary>
    public double? Positive(string field, string unit)
    {
        if (!_fields.Remove(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && number > 0)
            return number;
        Add(field, Shown(value), $"a number of {unit} above 0");
        return null;
    }

    /// <summary>A duration from 0 to <paramref name="longest"/>; null where it is absent or wrong.</summary>
    public TimeSpan? Duration(string field, TimeSpan longest)
    {
        if (!_fields.Remove(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String
            && Durations.TryParse(value.GetString(), out var duration)
            && duration <= longest)
        {
            return duration;
        }

        Add(field, Shown(value), $"{Durations.Expected}, at most {longest.TotalDays:0} days");
        return null;
    }

    public void Require(bool holds, string field, string expected)
    {
        if (!holds && Violations.TrueForAll(wrong => wrong.Field != field))
            Add(field, "nothing", expected);
    }

    /// <summary>What has not been taken is not known here.</summary>
    public void RefuseTheRest(string known)
    {
        foreach (var field in _fields.Keys)
            Add(field, "a field of that name", known);
    }

    public void Add(string field, string found, string expected) => Violations.Add(new Violation(field, found, expected));

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= LongestFound ? text : text[..LongestFound] + "…";
    }
}
