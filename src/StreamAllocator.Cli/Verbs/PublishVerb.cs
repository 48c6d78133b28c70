using System.CommandLine;
using System.Text;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>publish</c>: inventory, calendar and telemetry by hand.</summary>
internal static class PublishVerb
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = $"One of {string.Join(", ", InputJson.Topics)}." };
        var file = new Argument<FileInfo?>("FILE") { Description = "One JSON object a line; standard input where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        var remove = new Option<string[]>("--remove") { Description = "Take the entry of this id out of the inventory instead." };
        var logs = new LogOptions();
        var command = new Command(
            "publish",
            "Puts VMs, hosts, offers, schedules or samples into their topic, with the names of the schemas; all lines, or none.\n\n"
            + "  echo '{\"vm_id\":\"my-vm\",\"pool_id\":\"p\",\"provisioned\":{\"cpu_cores\":4,\"memory_gib\":8},\"upper\":{\"cpu_cores\":8,\"memory_gib\":16}}' | streamallocator publish vms")
        {
            topic, file, remove,
        };
        logs.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(file) is { Exists: false } missing)
                throw new UsageException($"{missing}: no such file");
            using var log = logs.OpenToAdd(parsed);
            var spec = TopicReader.Find(log, logs.Prefix(parsed), parsed.GetRequiredValue(topic));
            var name = spec.Name[(spec.Name.LastIndexOf('.') + 1)..];
            if (!InputJson.Topics.Contains(name))
                throw new UsageException($"topic '{name}': expected one of {string.Join(", ", InputJson.Topics)}");
            var records = parsed.GetValue(remove) is { Length: > 0 } ids
                ? Removals(name, ids)
                : Read(name, parsed.GetValue(file)?.OpenText() ?? Console.In);
            Publish(log, spec, records);
            Console.WriteLine($"{records.Count} published into {spec.Name}");
            return ExitCodes.Done;
        });
        return command;
    }

    private static List<InputJson> Removals(string topic, string[] ids) => InputJson.IsInventory(topic)
        ? [.. ids.Select(id => new InputJson(Encoding.UTF8.GetBytes(id), [], []))]
        : throw new UsageException($"--remove: topic {topic} keeps no entries");

    private static List<InputJson> Read(string topic, TextReader lines)
    {
        var records = new List<InputJson>();
        using (lines)
        {
            for (var number = 1; lines.ReadLine() is { } line; number++)
            {
                if (string.IsNullOrWhiteSpace(line))
                    continue;
                try
                {
                    records.Add(InputJson.Read(topic, line));
                }
                catch (InvalidDataException exception)
                {
                    throw new InvalidDataException($"line {number}: {exception.Message}; nothing was published", exception);
                }
            }
        }

        return records;
    }

    private static void Publish(IEventLog log, TopicSpec topic, List<InputJson> records)
    {
        var now = EventTime.From(TimeProvider.System.GetUtcNow());
        using var outputs = new OutputBatch();
        foreach (var record in records)
        {
            var target = new TopicPartition(topic.Name, StableHash.Partition(record.Key, topic.Partitions));
            outputs.Append(target, now, record.Key, record.Headers, record.Value);
        }

        using var producer = log.OpenProducer("publish");
        producer.Send(outputs);
        producer.Commit(null, []);
    }
}
