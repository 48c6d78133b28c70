using System.Net;
using StreamAllocator.Decisions;

namespace StreamAllocator.Server;

/// <summary>Every knob of the HTTP API. The defaults are only here.</summary>
public sealed record ServerOptions
{
    public const int ShortestToken = 16;

    /// <summary>Where it listens: <c>localhost</c> or an IP address. Anything but loopback needs a <see cref="Token"/>.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0 takes any free port.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>With it every route but <c>/healthz</c> needs <c>Authorization: Bearer …</c>; null leaves loopback open.</summary>
    public string? Token { get; init; }

    /// <summary>Tells servers of one log apart: part of the transactional id by which requests are written.</summary>
    public string Name { get; init; } = "api";

    /// <summary>
    /// Event time is as far as the log has come, not the wall clock: for a replay or a demonstration, whose time runs on its own.
    /// </summary>
    public bool DrivenTime { get; init; }

    /// <summary>Newest decisions of each VM held in memory; older ones are read from the log when asked for.</summary>
    public int DecisionsPerVm { get; init; } = 50;

    /// <summary>Newest requests held in memory, with their answers.</summary>
    public int MaxRequests { get; init; } = 10_000;

    /// <summary>Newest records of each partition read at the start, of the topics that tell what happened.</summary>
    public int RecordsAtStart { get; init; } = 20_000;

    /// <summary>Readers of <c>/v1/events</c> at a time.</summary>
    public int MaxSubscribers { get; init; } = 64;

    /// <summary>Longest <c>?wait=</c>.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Those of the deciding tasks: the reserve of the pools is shown by them.</summary>
    public DecisionOptions Decisions { get; init; } = new();

    /// <summary>Every violation, each with what was found and what was expected; empty if the options are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var violations = new List<string>();
        if (Address != "localhost" && !IPAddress.TryParse(Address, out _))
            violations.Add($"Address '{Address}': expected 'localhost' or an IP address");
        else if (!IsLoopback && string.IsNullOrEmpty(Token))
            violations.Add($"Address '{Address}' can be reached from outside: expected a Token too, or a loopback address");
        if (Port is < 0 or > 65535)
            violations.Add(FormattableString.Invariant($"Port {Port}: expected 0 to 65535"));
        if (Token is not null && (Token.Length < ShortestToken || !Token.All(c => c is > ' ' and <= '~')))
            violations.Add($"Token: expected {ShortestToken} or more printable ASCII characters without blanks");
        if (Name.Length is < 1 or > 100 || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            violations.Add($"Name '{Name}': expected 1 to 100 characters of A-Z a-z 0-9 . _ -");
        AtLeastOne(DecisionsPerVm, nameof(DecisionsPerVm));
        AtLeastOne(MaxRequests, nameof(MaxRequests));
        AtLeastOne(RecordsAtStart, nameof(RecordsAtStart));
        AtLeastOne(MaxSubscribers, nameof(MaxSubscribers));
        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromMinutes(10))
            violations.Add($"MaxWait {MaxWait}: expected 0 to 10 minutes");
        violations.AddRange(Decisions.Validate());
        return violations;

        void AtLeastOne(int value, string name)
        {
            if (value < 1)
                violations.Add(FormattableString.Invariant($"{name} {value}: expected 1 or more"));
        }
    }

    internal IPAddress IpAddress => Address == "localhost" ? IPAddress.Loopback : IPAddress.Parse(Address);

    private bool IsLoopback => IPAddress.IsLoopback(IpAddress);
}
