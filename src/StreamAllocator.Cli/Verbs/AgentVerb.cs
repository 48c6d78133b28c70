using System.CommandLine;
using StreamAllocator.Cli.Records;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>agent</c>: this machine's usage as telemetry.</summary>
internal static class AgentVerb
{
    public static Command Create()
    {
        var vm = new Option<string>("--vm") { Description = "Id of the VM that this machine is.", DefaultValueFactory = _ => Environment.MachineName };
        var every = new Option<string>("--every") { Description = "Length of an interval, 1s to 5m.", DefaultValueFactory = _ => "10s" };
        var root = new Option<string>("--root") { Description = "Where proc and sys are mounted.", DefaultValueFactory = _ => "/" };
        var logs = new LogOptions();
        var command = new Command(
            "agent",
            "Publishes this machine's CPU, memory, disk and network until it is stopped. Beside an allocator on the same file, use 'run --agent' instead.\n\n"
            + "  streamallocator agent --vm my-vm --log file:./telemetry.db")
        {
            vm, every, root,
        };
        logs.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var interval = Interval(parsed.GetRequiredValue(every));
            var options = new AgentOptions { VmId = parsed.GetRequiredValue(vm), Every = interval, Root = parsed.GetRequiredValue(root) };
            if (options.Validate().ToList() is { Count: > 0 } problems)
                throw new UsageException(problems);
            using var log = logs.OpenToAdd(parsed, mayCreate: true);
            var topics = new Topics(logs.Prefix(parsed));
            var telemetry = log.Topics().FirstOrDefault(topic => topic.Name == topics.Telemetry)
                ?? throw new LogException($"topic {topics.Telemetry} does not exist: 'streamallocator topics create' makes it");
            using var agent = new TelemetryAgent(log, topics, telemetry.Partitions, options, TimeProvider.System, Console.Error.WriteLine);
            await agent.RunAsync(cancellation);
            Console.WriteLine($"{agent.Published} samples of {options.VmId} published");
            return ExitCodes.Done;
        });
        return command;
    }

    private static TimeSpan Interval(string text)
    {
        var unit = text.EndsWith('m') ? TimeSpan.FromMinutes(1) : TimeSpan.FromSeconds(1);
        return double.TryParse(text.TrimEnd('s', 'm'), System.Globalization.CultureInfo.InvariantCulture, out var count) && count is > 0 and < 1e6
            ? count * unit
            : throw new UsageException($"--every '{text}': expected a length of time such as 10s or 1m");
    }
}
