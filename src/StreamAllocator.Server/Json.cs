using System.Text.Json;
using System.Text.Json.Serialization;
using StreamAllocator.Domain;

namespace StreamAllocator.Server;

/// <summary>How values look in JSON: snake_case names, UTC times, null for what is absent or missing.</summary>
internal static class Json
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        return options;
    }

    public static DateTime Time(EventTime time) => time.ToDateTimeOffset().UtcDateTime;

    public static DateTime Time(long unixMilliseconds) => Time(new EventTime(unixMilliseconds));

    public static string? Text(string text) => text.Length == 0 ? null : text;

    /// <summary>JSON has no NaN: missing is null.</summary>
    public static float? Number(float value) => float.IsFinite(value) ? value : null;

    /// <inheritdoc cref="Number(float)"/>
    public static double? Number(double value) => double.IsFinite(value) ? value : null;
}
