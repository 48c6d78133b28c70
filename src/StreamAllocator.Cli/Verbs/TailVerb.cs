using System.CommandLine;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>tail</c>: the records of a topic as JSON lines.</summary>
internal static class TailVerb
{
    public static Command Create()
    {
        var topic = new Argument<string>("TOPIC") { Description = "Name, with or without the prefix." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "First event time; the first record kept where it is left out." };
        var limit = new Option<int?>("--limit") { Description = "At most so many records." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is still to come, until Ctrl-C." };
        var logs = new LogOptions();
        var command = new Command("tail", "Prints the records of a topic, one JSON object a line.\n\n  streamallocator tail decisions --from 2017-01-03T14:00:00Z --limit 10")
        {
            topic, from, limit, follow,
        };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var log = logs.Open(parsed);
            var left = parsed.GetValue(limit) ?? long.MaxValue;
            TopicReader.Read(
                log,
                TopicReader.Find(log, logs.Prefix(parsed), parsed.GetRequiredValue(topic)),
                parsed.GetValue(from) is { } time ? EventTime.From(time) : null,
                parsed.GetValue(follow),
                (source, in record) =>
                {
                    if (left-- <= 0)
                        return false;
                    Console.WriteLine(RecordJson.Line(source, record));
                    return left > 0;
                },
                cancellation);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }
}
