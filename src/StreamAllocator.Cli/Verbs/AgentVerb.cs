using System.CommandLine;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Records;
using StreamAllocator.Ingest.Agent;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>agent</c>: this machine's usage as telemetry.</summary>
internal static class AgentVerb
{
    public static Command Create()
    {
        var vm = new Option<string>("--vm") { Description = "Id of the VM that this machine is.", DefaultValueFactory = _ => Environment.MachineName };
        var every = new Option<string>("--every") { Description = "Length of an interval, 1s to 5m.", DefaultValueFactory = _ => "10s" };
        var root = new Option<string>("--root") { Description = "Where proc and sys are mounted.", DefaultValueFactory = _ => "/" };
        var buffer = new Option<FileInfo>("--buffer")
        {
            Description = "Where samples wait until Kafka has acknowledged them: a file of this agent's own.",
            DefaultValueFactory = _ => new FileInfo("streamallocator-agent.db"),
        };
        var logs = new LogOptions();
        var command = new Command(
            "agent",
            "Publishes this machine's CPU, memory, disk and network until it is stopped. Beside an allocator on the same file, use 'run --agent' instead.\n\n"
            + "  streamallocator agent --vm my-vm --log kafka:broker-1:9092 --buffer /var/lib/streamallocator-agent/buffer.db\n\n"
            + $"On Kafka each sample is on the disk before it is published, under a number by which the allocator knows it when it comes again. While Kafka\n"
            + $"is away, or the agent is killed, nothing is lost, up to {SampleBuffer.Capacity:N0} samples (a day at 10s, some 3 MB), beyond which the oldest are given up;\n"
            + "how many wait, and for how long, is told once a minute. Give each agent a buffer of its own, and keep it across restarts.")
        {
            vm, every, root, buffer,
        };
        logs.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var interval = Interval(parsed.GetRequiredValue(every));
            var options = new AgentOptions { VmId = parsed.GetRequiredValue(vm), Every = interval, Root = parsed.GetRequiredValue(root) };
            if (options.Validate().ToList() is { Count: > 0 } problems)
                throw new UsageException(problems);
            var topics = new Topics(logs.Prefix(parsed));
            using var target = logs.Address(parsed) is { Servers: not null } kafka ? AgentTarget.OnKafka(kafka) : AgentTarget.InFile(logs.OpenToAdd(parsed, mayCreate: true), topics);
            var path = parsed.GetRequiredValue(buffer).FullName;
            using var waiting = new SampleBuffer(() => target.OpenBuffer(path), Console.Error.WriteLine);
            using var agent = new TelemetryAgent(waiting, () => target.Open($"agent-{options.VmId}"), topics, options, TimeProvider.System, Console.Error.WriteLine);
            await agent.RunAsync(cancellation);
            var left = waiting.State.Waiting;
            Console.WriteLine($"{agent.Published} samples of {options.VmId} published{(left == 0 ? "" : target.IsKafka ? $", {left} wait in {path} for the next start" : $", {left} not")}");
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
