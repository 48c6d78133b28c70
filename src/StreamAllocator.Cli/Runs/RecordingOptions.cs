using System.CommandLine;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Runs;

/// <summary>The flags that say which history a command takes: a trace, or a log and a part of it.</summary>
internal sealed class RecordingOptions
{
    private readonly Option<DateTimeOffset?> _ending = new("--ending") { Description = "Of a trace: dates it so that it ends at this time, cut to a whole window." };
    private readonly Option<FileInfo?> _trace = new("--trace") { Description = "A trace (gzip or plain CSV) of a documented layout." };
    private readonly Option<FileInfo?> _maxima = new("--maxima") { Description = "A second file of the VM layout with the maximum CPU of each interval." };
    private readonly Option<int> _pools = new("--pools") { Description = "Of a trace: pools among which its VMs are spread.", DefaultValueFactory = _ => 2 };
    private readonly Option<string?> _log = new("--log") { Description = "Instead of a trace: the telemetry and the inventory of this log, file:PATH or kafka:HOST:PORT. Nothing in it changes." };
    private readonly Option<string> _prefix = new("--prefix") { Description = "What the names of that log's topics begin with.", DefaultValueFactory = _ => Topics.DefaultPrefix };
    private readonly Option<DateTimeOffset?> _from = new("--from") { Description = "First window taken from the log; its first sample's where it is left out." };
    private readonly Option<DateTimeOffset?> _to = new("--to") { Description = "End of what is taken from the log; its newest sample's window where it is left out." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _trace, _maxima, _pools, _log, _prefix, _from, _to })
            command.Add(option);
    }

    /// <summary>Also the flag that dates a trace anew.</summary>
    public void AddDatedTo(Command command)
    {
        AddTo(command);
        command.Add(_ending);
    }

    /// <param name="run">The run's topics.</param>
    /// <param name="known">The inventory that counts instead of the history's own; the VMs that it lacks are left out, and named.</param>
    /// <param name="inStep">No source of ticks may run ahead of another: whoever folds this does not wait for one that lags.</param>
    /// <exception cref="UsageException">Not one history.</exception>
    public Recording Open(ParseResult parsed, Topics run, AllocatorOptions options, Fleet? known = null, bool inStep = false)
    {
        Check(parsed);
        if (parsed.GetValue(_trace) is { } file)
            return Trace(parsed, new TraceOptions { File = file.FullName, MaximumFile = parsed.GetValue(_maxima)?.FullName }, run, options, known, inStep);
        var address = LogAddress.Parse(parsed.GetValue(_log)!);
        var log = address.OpenExisting();
        try
        {
            var prefix = parsed.GetRequiredValue(_prefix);
            var now = EventTime.From(TimeProvider.System.GetUtcNow());
            var logged = new LoggedHistory(log, prefix, Time(parsed, _from), Time(parsed, _to), options.Predict.Windows.Size, now);
            return new Recording(
                $"{prefix}* of {parsed.GetValue(_log)}, {logged.Fleet.Start} to {logged.Fleet.End}", Known(logged.Fleet, known),
                partition => logged.World(run, options, partition, telemetryOnly: known is not null), log, address, prefix);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private Recording Trace(ParseResult parsed, TraceOptions trace, Topics run, AllocatorOptions options, Fleet? known, bool inStep)
    {
        var pools = parsed.GetValue(_pools);
        var fleet = Known(Fleet.Of(trace, pools, problem => Console.Error.WriteLine(problem)), known);
        var name = $"trace {Path.GetFileName(trace.File)}, {pools} pools";
        var size = options.Predict.Windows.Size;
        var shift = parsed.GetValue(_ending) is { } ending
            ? EventTime.StartOfWindow(EventTime.From(ending).WindowIndex(size), size) - fleet.End
            : TimeSpan.Zero;
        var dated = fleet with { Start = fleet.Start + shift, End = fleet.End + shift };
        return new Recording(name, dated, inStep
            ? new RecordedWorld(run, options, dated, Feed, maxAhead: 0).Create
            : new RecordedWorld(run, options, dated, Feed).Create);

        IDemandFeed Feed() => new ShiftedFeed(new RecordedFeed(TraceReader.Open(trace, _ => { })), shift);
    }

    private static Fleet Known(Fleet fleet, Fleet? known)
    {
        if (known is null)
            return fleet;
        var ids = fleet.Vms.Select(vm => vm.VmId).ToHashSet(StringComparer.Ordinal);
        var both = known.Vms.Where(vm => ids.Remove(vm.VmId)).ToList();
        if (both.Count == 0)
            throw new UsageException($"VMs {Listed(ids)}: expected some that are in the inventory, {Listed([.. known.Vms.Select(vm => vm.VmId)])}");
        if (ids.Count > 0)
            Console.Error.WriteLine($"not in the inventory, and left out: {Listed(ids)}");
        return fleet with { Vms = both, Hosts = known.Hosts };
    }

    private static string Listed(HashSet<string> ids)
    {
        const int Most = 8;
        var named = string.Join(", ", ids.Order(StringComparer.Ordinal).Take(Most).Select(id => $"'{id}'"));
        return ids.Count > Most ? FormattableString.Invariant($"{named} and {ids.Count - Most} more") : named;
    }

    private static EventTime? Time(ParseResult parsed, Option<DateTimeOffset?> option) =>
        parsed.GetValue(option) is { } time ? EventTime.From(time) : null;

    private void Check(ParseResult parsed)
    {
        var problems = new List<string>();
        var (trace, log) = (parsed.GetValue(_trace), parsed.GetValue(_log));
        if (trace is null == log is null)
            problems.Add("expected either --trace FILE or --log ADDRESS");
        foreach (var file in new[] { trace, parsed.GetValue(_maxima) })
        {
            if (file is { Exists: false })
                problems.Add($"{file}: no such file");
        }

        if (log is null && (parsed.GetValue(_from) is not null || parsed.GetValue(_to) is not null))
            problems.Add("--from, --to: a trace is taken whole; they are for --log");
        if (trace is null && parsed.GetValue(_ending) is not null)
            problems.Add("--ending: it goes with --trace");
        if (trace is null && parsed.GetValue(_maxima) is not null)
            problems.Add("--maxima: it goes with --trace");
        if (parsed.GetValue(_pools) is var pools and < 1)
            problems.Add(FormattableString.Invariant($"--pools {pools}: expected 1 or more"));
        if (problems.Count > 0)
            throw new UsageException(problems);
    }
}
