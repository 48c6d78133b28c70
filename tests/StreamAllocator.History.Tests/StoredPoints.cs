using System.Globalization;
using InfluxDB.Client;
using NodaTime;

namespace StreamAllocator.History.Tests;

/// <summary>Reads back with Flux all that a bucket holds, in the lines of <see cref="ExpectedPoints"/>.</summary>
internal static class StoredPoints
{
    private static readonly string[] Own = ["result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement"];

    public static async Task<List<string>> Of(HistoryOptions options)
    {
        var lines = new List<string>();
        using var client = new InfluxDBClient(options.Url, options.Token);
        var flux = $"from(bucket: \"{options.Bucket}\") |> range(start: 1970-01-01T00:00:00Z, stop: 2200-01-01T00:00:00Z)";
        foreach (var table in await client.GetQueryApi().QueryAsync(flux, options.Org))
        {
            foreach (var record in table.Records)
            {
                var tags = record.Values.Where(column => !Own.Contains(column.Key)).OrderBy(column => column.Key, StringComparer.Ordinal)
                    .Select(tag => $"{tag.Key}={tag.Value}");
                lines.Add(Line($"{record.GetMeasurement()} {string.Join(' ', tags)}", record.GetField(), (record.GetTime()!.Value - NodaConstants.UnixEpoch).ToInt64Nanoseconds(), record.GetValue()));
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>Numbers with a fraction are compared in single precision where the topic has them so.</summary>
    public static string Line(string series, string field, long nanoseconds, object value) => string.Create(
        CultureInfo.InvariantCulture, $"{series} {field} {nanoseconds} = {value switch { float single => single, double real => (float)real, _ => value }}");
}
