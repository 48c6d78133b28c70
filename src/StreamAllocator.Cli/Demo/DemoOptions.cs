using StreamAllocator.Cli.Composition;
using StreamAllocator.History;

namespace StreamAllocator.Cli.Demo;

/// <summary>What a demo can be told.</summary>
internal sealed record DemoOptions
{
    /// <summary>A day of event time in 20 seconds.</summary>
    public const double StandardSpeed = 4320;

    public const int StandardPort = 8080;

    /// <summary>Null: the Azure excerpt that ships with the project.</summary>
    public FileInfo? Trace { get; init; }

    /// <summary>Event time per wall time; 0 goes as fast as it can.</summary>
    public double Speed { get; init; } = StandardSpeed;

    /// <summary>Of the simulated hosts and of the workload model.</summary>
    public ulong Seed { get; init; } = 1;

    public required LogAddress Log { get; init; }

    /// <summary>Ends after so many windows of event time; null goes on until it is stopped.</summary>
    public int? Windows { get; init; }

    /// <summary>Plain lines instead of the live view.</summary>
    public bool NoView { get; init; }

    /// <summary>Keep every record, and print a digest of each output topic at the end.</summary>
    public bool Digest { get; init; }

    /// <summary>Of the HTTP API; null takes <see cref="StandardPort"/>, or any free one where that is taken.</summary>
    public int? Port { get; init; }

    /// <summary>Where the history goes; null writes none.</summary>
    public HistoryOptions? History { get; init; }

    /// <summary>Topics keep every record: for a digest of all, and where a demo with an end outruns its history.</summary>
    public bool KeepAll => Digest || (History is not null && Windows is not null);

    public IEnumerable<string> Validate()
    {
        if (Trace is { Exists: false })
            yield return $"--trace {Trace}: no such file";
        if (!double.IsFinite(Speed) || Speed < 0)
            yield return FormattableString.Invariant($"--speed {Speed}: expected event time per wall time, 0 or more (0: as fast as it goes)");
        if (Windows < 1)
            yield return FormattableString.Invariant($"--windows {Windows}: expected 1 or more");
        if (Port is < 0 or > 65535)
            yield return FormattableString.Invariant($"--port {Port}: expected 0 to 65535 (0: any free one)");
        if (History is { Url: null })
            yield return "--history: expected History.Url too, in streamallocator.json or as STREAMALLOCATOR__HISTORY__URL";
        if (Digest && Windows is null)
            yield return "--digest: expected --windows too, an endless run has no digest";
    }
}
