using System.CommandLine;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Records;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>topics create|list|check|grow</c>.</summary>
internal static class TopicsVerb
{
    public static Command Create() => new("topics", "The topics of a log.") { CreateMissing(), List(), Check(), GrowVerb.Create() };

    private static Command CreateMissing()
    {
        var (vms, pools) = Partitions();
        var logs = new LogOptions();
        var command = new Command("create", "Creates the topics that are missing.\n\n  streamallocator topics create --vm-partitions 8 --pool-partitions 4") { vms, pools };
        logs.AddTo(command);
        command.SetAction(parsed =>
        {
            using var log = logs.OpenToAdd(parsed, mayCreate: true);
            var (expected, existing) = (Expected(parsed, log, new Topics(logs.Prefix(parsed)), vms, pools), log.Topics().Select(topic => topic.Name).ToHashSet());
            log.CreateTopics(expected);
            Console.WriteLine($"{expected.Count(topic => !existing.Contains(topic.Name))} topics created of {expected.Count}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command List()
    {
        var format = FormatOption.Create();
        var logs = new LogOptions();
        var command = new Command("list", "The topics that exist, those of replays too.\n\n  streamallocator topics list") { format };
        logs.AddTo(command);
        command.SetAction(parsed =>
        {
            using var log = logs.Open(parsed);
            var listing = new Listing("topic", "partitions", "offsets", "clean-up", "retention");
            foreach (var topic in log.Topics().Where(topic => topic.Name.StartsWith(logs.Prefix(parsed), StringComparison.Ordinal)))
            {
                var records = topic.AllPartitions.Sum(source => log.EndOffset(source) - log.BeginOffset(source));
                listing.Add(topic.Name, topic.Partitions, records, topic.CleanUp.ToString(), topic.Retention?.ToString());
            }

            listing.Print(parsed.GetValue(format), Console.Out);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Check()
    {
        var (vms, pools) = Partitions();
        var logs = new LogOptions();
        var command = new Command("check", "Fails where a topic is missing, has another number of partitions, or would not keep what it must.\n\n  streamallocator topics check") { vms, pools };
        logs.AddTo(command);
        command.SetAction(parsed =>
        {
            using var log = logs.Open(parsed);
            var existing = log.Topics();
            var topics = new Topics(logs.Prefix(parsed));
            var problems = Expected(parsed, log, topics, vms, pools)
                .SelectMany(topic => TopicCheck.Problems(topic, existing.FirstOrDefault(found => found.Name == topic.Name))).ToList();
            if (problems.Count == 0 && LogLayout.Find(log, topics, new AllocatorOptions()).Problem(topics, existing) is { } mismatch)
                problems.Add(mismatch);
            foreach (var problem in problems)
                Console.Error.WriteLine(problem);
            return problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static (Option<int?> Vms, Option<int?> Pools) Partitions() => (
        new Option<int?>("--vm-partitions") { Description = "Of vm-inputs and of what else is keyed by VM; what the log has, or 2." },
        new Option<int?>("--pool-partitions") { Description = "Of what is keyed by pool, and of telemetry; what the log has, or 2." });

    private static IReadOnlyList<TopicSpec> Expected(ParseResult parsed, IEventLog log, Topics topics, Option<int?> vms, Option<int?> pools)
    {
        var (vmPartitions, poolPartitions) = (parsed.GetValue(vms), parsed.GetValue(pools));
        var problems = new[] { ("--vm-partitions", vmPartitions), ("--pool-partitions", poolPartitions) }
            .Where(option => option.Item2 < 1).Select(option => $"{option.Item1} {option.Item2}: expected 1 or more").ToList();
        if (problems.Count > 0)
            throw new UsageException(problems);
        var layout = LogLayout.Find(log, topics, new AllocatorOptions());
        var inputs = vmPartitions ?? layout.VmInputs.Partitions;
        return topics.All(inputs, poolPartitions ?? layout.Pools, layout.VmInputs.Former.Count > 0 ? layout.Outputs : inputs);
    }
}
