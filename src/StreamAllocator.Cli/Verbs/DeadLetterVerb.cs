using System.CommandLine;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Records;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>dead-letter list|show|replay</c>: what could not be used, and a second try.</summary>
internal static class DeadLetterVerb
{
    public static Command Create() => new("dead-letter", "What could not be used, with its raw bytes.") { List(), Show(), Replay() };

    private static Command List()
    {
        var format = FormatOption.Create();
        var logs = new LogOptions();
        var command = new Command("list", "All that the topic holds.\n\n  streamallocator dead-letter list") { format };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var log = logs.Open(parsed);
            var listing = new Listing("offset", "time", "cause", "from topic", "partition", "its offset", "bytes", "detail");
            Each(log, parsed, logs, (offset, time, letter) =>
            {
                listing.Add(
                    offset, time.ToString(), letter.Cause.ToString().ToLowerInvariant(), letter.SourceTopic, (long)letter.SourcePartition,
                    (long)letter.SourceOffset, letter.Value.Length, letter.Detail);
                return true;
            }, cancellation);
            listing.Print(parsed.GetValue(format), Console.Out);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Command Show()
    {
        var offset = new Argument<long>("OFFSET") { Description = "As 'list' shows it." };
        var output = new Option<FileInfo?>("--out") { Description = "Write the raw value to this file, to be mended." };
        var logs = new LogOptions();
        var command = new Command("show", "One of them, its value in hexadecimal.\n\n  streamallocator dead-letter show 17 --out broken.bin") { offset, output };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var log = logs.Open(parsed);
            var letter = Find(log, parsed, logs, parsed.GetValue(offset), cancellation);
            Console.WriteLine($"{letter.Cause}: {letter.Detail}");
            Console.WriteLine($"{letter.SourceTopic}/{letter.SourcePartition} offset {letter.SourceOffset}, {new EventTime(letter.SourceTimeMs)}, key '{letter.Key.ToStringUtf8()}'");
            foreach (var header in letter.Headers)
                Console.WriteLine($"{header.Name}: {header.Value.ToStringUtf8()}");
            foreach (var line in Convert.ToHexStringLower(letter.Value.Span).Chunk(64))
                Console.WriteLine(new string(line));
            if (parsed.GetValue(output) is { } file)
                File.WriteAllBytes(file.FullName, letter.Value.ToByteArray());
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Command Replay()
    {
        var offset = new Argument<long>("OFFSET") { Description = "As 'list' shows it." };
        var value = new Option<FileInfo?>("--value") { Description = "A mended value instead of the raw bytes." };
        var logs = new LogOptions();
        var command = new Command(
            "replay", "Publishes it again into the topic that it came from.\n\n  streamallocator dead-letter replay 17 --value mended.bin") { offset, value };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(value) is { Exists: false } missing)
                throw new UsageException($"--value {missing}: no such file");
            using var log = logs.Open(parsed);
            var letter = Find(log, parsed, logs, parsed.GetValue(offset), cancellation);
            var mended = parsed.GetValue(value) is { } file ? File.ReadAllBytes(file.FullName) : letter.Value.ToByteArray();
            Publish(log, letter, mended);
            Console.WriteLine($"published into {letter.SourceTopic}/{letter.SourcePartition}");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static void Publish(IEventLog log, Wire.DeadLetter letter, byte[] value)
    {
        using var outputs = new OutputBatch();
        outputs.Append(
            new TopicPartition(letter.SourceTopic, (int)letter.SourcePartition),
            new EventTime(letter.SourceTimeMs),
            letter.Key.ToByteArray(),
            RecordHeaders.Encode([.. letter.Headers.Select(header => (header.Name, header.Value.ToByteArray()))]),
            value);
        using var producer = log.OpenProducer("dead-letter-replay");
        producer.Send(outputs);
        producer.Commit(null, []);
    }

    private static Wire.DeadLetter Find(IEventLog log, ParseResult parsed, LogOptions logs, long offset, CancellationToken cancellation)
    {
        Wire.DeadLetter? found = null;
        Each(log, parsed, logs, (at, _, letter) =>
        {
            found = at == offset ? letter : null;
            return found is null;
        }, cancellation);
        return found ?? throw new IOException($"offset {offset}: expected one that 'dead-letter list' shows");
    }

    private static void Each(
        IEventLog log, ParseResult parsed, LogOptions logs, Func<long, EventTime, Wire.DeadLetter, bool> visit, CancellationToken cancellation) =>
        TopicReader.Read(
            log,
            TopicReader.Find(log, logs.Prefix(parsed), new Topics("").DeadLetter),
            from: null,
            follow: false,
            (_, in record) => visit(record.Offset, record.Time, Wire.DeadLetter.Parser.ParseFrom(record.Value)),
            cancellation);
}
