using StreamAllocator.Domain;

namespace StreamAllocator.History;

/// <summary>Where the history goes, and how much of each forecast. The defaults are only here.</summary>
public sealed record HistoryOptions
{
    /// <summary>Of InfluxDB 2, as <c>http://127.0.0.1:8086</c>; null writes no history.</summary>
    public string? Url { get; init; }

    public string Org { get; init; } = "streamallocator";

    public string Bucket { get; init; } = "streamallocator";

    /// <summary>Needs the right to write to the bucket, and no other. Null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Of one request; a longer answer counts as none and is asked for again.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most records of a topic that one request carries; each makes one to five points, by <see cref="Leads"/>.</summary>
    public int BatchRecords { get; init; } = 500;

    /// <summary>Consumer group. Under a new name everything that the topics still hold is written again, as a new bucket needs it.</summary>
    public string Group { get; init; } = "history";

    /// <summary>Lead times written of forecasts and their errors, in windows: each is a series of its own for each VM.</summary>
    public IReadOnlyList<int> Leads { get; init; } = [1, 3, 6, 12];

    /// <summary>Quantile levels written of each forecast.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0.1, 0.5, 0.9, 0.99];

    /// <summary>Every violation, each with what was found and what was expected; empty if the options are valid.</summary>
    public IEnumerable<string> Validate()
    {
        if (Url is not null && !IsServer(Url))
            yield return $"Url '{Url}': expected http or https, host and port, and no more";
        if (string.IsNullOrWhiteSpace(Org))
            yield return $"Org '{Org}': expected a name";
        if (string.IsNullOrWhiteSpace(Bucket))
            yield return $"Bucket '{Bucket}': expected a name";
        if (Token is not null && (Token.Length == 0 || !Token.All(c => c is > ' ' and <= '~')))
            yield return "Token: expected printable ASCII characters without blanks";
        if (Timeout <= TimeSpan.Zero || Timeout > TimeSpan.FromMinutes(10))
            yield return $"Timeout {Timeout}: expected above 0, up to 10 minutes";
        if (BatchRecords is < 1 or > 10_000)
            yield return FormattableString.Invariant($"BatchRecords {BatchRecords}: expected 1 to 10000");
        if (Group.Length is < 1 or > 100 || !Group.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            yield return $"Group '{Group}': expected 1 to 100 characters of A-Z a-z 0-9 . _ -";
        foreach (var lead in Leads.Where(lead => lead is < 1 or > Horizon.Leads))
            yield return FormattableString.Invariant($"Leads {lead}: expected 1 to {Horizon.Leads} windows");
        foreach (var level in Quantiles.Where(level => !QuantileLevels.All.Contains(level)))
            yield return FormattableString.Invariant($"Quantiles {level}: expected one of {string.Join(", ", QuantileLevels.All.ToArray())}");
    }

    /// <summary>Without the token: it is a secret.</summary>
    public override string ToString() => $"InfluxDB at {Url}, organisation {Org}, bucket {Bucket}";

    private static bool IsServer(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0;
}
