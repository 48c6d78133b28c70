using System.Globalization;
using System.Text.Json;

namespace StreamAllocator.History.Points;

/// <summary>Names of tags, fields and their values: snake_case, the unit in the name of what has one.</summary>
internal static class Names
{
    public const string VmId = "vm_id";
    public const string PoolId = "pool_id";
    public const string LeadWindows = "lead_windows";

    /// <summary>In the order of the resources in every message.</summary>
    public static readonly string[] Resources = ["cpu", "memory", "disk", "network"];

    /// <inheritdoc cref="Resources"/>
    public static readonly string[] Units = ["cpu_cores", "memory_gib", "disk_bytes_per_second", "network_bytes_per_second"];

    /// <summary><c>p10</c>, <c>p99</c>, <c>p99_5</c>.</summary>
    public static string Quantile(double level) => "p" + (level * 100).ToString("0.###", CultureInfo.InvariantCulture).Replace('.', '_');

    /// <summary>A value that this version does not know is its number.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
