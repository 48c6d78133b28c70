using System.CommandLine;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Demo;
using StreamAllocator.Cli.Live;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>demo</c>: the whole allocator in one process, on simulated hosts with real demand.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        var trace = new Option<FileInfo?>("--trace") { Description = "Demand from this trace instead of the 20 Azure VMs that ship with the command." };
        var speed = new Option<double>("--speed")
        {
            Description = "Event time per wall time; 4320 is a day in 20 seconds, 0 is as fast as it goes.",
            DefaultValueFactory = _ => DemoOptions.StandardSpeed,
        };
        var seed = new Option<ulong>("--seed") { Description = "Of the simulated hosts and the workload model.", DefaultValueFactory = _ => 1UL };
        var log = new Option<string>("--log") { Description = "memory, file:PATH or kafka:HOST:PORT; a log that holds a demo is gone on with.", DefaultValueFactory = _ => LogAddress.Default };
        var windows = new Option<int?>("--windows") { Description = "End after so many windows of 5 minutes of event time." };
        var noView = new Option<bool>("--no-view") { Description = "Plain lines instead of the live view." };
        var digest = new Option<bool>("--digest") { Description = "With --windows: print one SHA-256 per output topic at the end." };
        var port = new Option<int?>("--port") { Description = "Of the HTTP API on 127.0.0.1; 0 takes any free one. [default: 8080, or any free one]" };
        var history = new Option<bool>("--history") { Description = "Write its history into InfluxDB, as the settings History say; its event times are those of the demand." };
        var command = new Command(
            "demo",
            "The whole allocator in one process: simulated hosts, real demand, a live view, the HTTP API. Ctrl-C ends it; the next start goes on where it was.\n\n"
            + "  streamallocator demo\n  streamallocator demo --log memory --speed 0 --windows 2016 --no-view")
        {
            trace, speed, seed, log, windows, noView, digest, port, history,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new DemoOptions
            {
                Trace = parsed.GetValue(trace),
                Speed = parsed.GetValue(speed),
                Seed = parsed.GetValue(seed),
                Log = LogAddress.Parse(parsed.GetRequiredValue(log)),
                Windows = parsed.GetValue(windows),
                NoView = parsed.GetValue(noView),
                Digest = parsed.GetValue(digest),
                Port = parsed.GetValue(port),
                History = parsed.GetValue(history) ? SettingsSource.Standing().History : null,
            };
            if (options.Validate().ToList() is { Count: > 0 } problems)
                throw new UsageException(problems);
            return await new DemoRun(options).Execute(cancellation);
        });
        return command;
    }
}
