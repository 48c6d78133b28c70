using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
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
    private const int MostShown = 4096;

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
                    offset, time.ToString(), Name(letter.Cause), letter.SourceTopic, (long)letter.SourcePartition,
                    (long)letter.SourceOffset, letter.Value.Length, letter.Detail);
                return true;
            }, cancellation);
            listing.Print(parsed.GetValue(format), Console.Out);
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>As <c>/metrics</c> has it: <c>unknown_vm</c>.</summary>
    private static string Name(Wire.DeadLetterCause cause) => JsonNamingPolicy.SnakeCaseLower.ConvertName(cause.ToString());

    private static Command Show()
    {
        var offset = new Argument<long>("OFFSET") { Description = "As 'list' shows it." };
        var output = new Option<FileInfo?>("--out") { Description = "Write the raw value to this file, to be mended." };
        var logs = new LogOptions();
        var command = new Command("show", "One of them, its value as text or in hexadecimal, and decoded where it can be.\n\n  streamallocator dead-letter show 17 --out broken.bin") { offset, output };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            using var log = logs.Open(parsed);
            var letter = Find(log, parsed, logs, parsed.GetValue(offset), cancellation);
            Console.WriteLine($"{Name(letter.Cause)}: {letter.Detail}");
            Console.WriteLine($"{letter.SourceTopic}/{letter.SourcePartition} offset {letter.SourceOffset}, {new EventTime(letter.SourceTimeMs)}, key '{letter.Key.ToStringUtf8()}'");
            foreach (var header in letter.Headers)
                Console.WriteLine($"{header.Name}: {header.Value.ToStringUtf8()}");
            PrintValue(letter);
            if (parsed.GetValue(output) is { } file)
                File.WriteAllBytes(file.FullName, letter.Value.ToByteArray());
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static Command Replay()
    {
        var offset = new Argument<long>("OFFSET") { Description = "As 'list' shows it." };
        var value = new Option<FileInfo?>("--value")
        {
            Description = $"A mended value instead of the raw bytes: the bytes, under the headers that they came with; or, of {string.Join(", ", InputJson.Topics)}, a JSON object.",
        };
        var logs = new LogOptions();
        var command = new Command(
            "replay", "Publishes it again into the topic that it came from. A sample whose window has closed by then goes to 'late'.\n\n"
            + "  streamallocator dead-letter replay 17 --value mended.json") { offset, value };
        logs.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(value) is { Exists: false } missing)
                throw new UsageException($"--value {missing}: no such file");
            using var log = logs.Open(parsed);
            var letter = Find(log, parsed, logs, parsed.GetValue(offset), cancellation);
            Publish(log, letter, parsed.GetValue(value) is { } file ? Mended(letter, File.ReadAllBytes(file.FullName)) : AsItCame(letter, letter.Value.ToByteArray()));
            Console.WriteLine($"published into {letter.SourceTopic}/{letter.SourcePartition}");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    /// <summary>Text is printed as it is: most broken JSON can be read. Else in hexadecimal, and decoded, if the bytes are the message they say.</summary>
    private static void PrintValue(Wire.DeadLetter letter)
    {
        var bytes = letter.Value.ToByteArray();
        var shown = bytes.AsSpan(0, Math.Min(bytes.Length, MostShown)).ToArray();
        if (IsText(bytes))
            Console.WriteLine(Encoding.UTF8.GetString(shown));
        else
            Console.WriteLine(string.Join(Environment.NewLine, Convert.ToHexStringLower(shown).Chunk(64).Select(line => new string(line))));
        if (shown.Length < bytes.Length)
            Console.WriteLine($"… {bytes.Length - shown.Length} bytes more: --out FILE takes them all");
        if (IsText(bytes))
            return;
        var schema = letter.Headers.FirstOrDefault(header => header.Name == "schema")?.Value.ToStringUtf8() ?? "";
        if (RecordJson.Decode(schema, bytes) is { } decoded)
            Console.WriteLine(decoded);
    }

    private static bool IsText(byte[] bytes) =>
        Utf8.IsValid(bytes) && Encoding.UTF8.GetString(bytes).All(character => !char.IsControl(character) || char.IsWhiteSpace(character));

    private static InputJson AsItCame(Wire.DeadLetter letter, byte[] value) => new(
        letter.Key.ToByteArray(), RecordHeaders.Encode([.. letter.Headers.Select(header => (header.Name, header.Value.ToByteArray()))]), value);

    /// <summary>JSON brings the header and, where it is an entry of the inventory, the key that belong to it: these may have been what was wrong.</summary>
    private static InputJson Mended(Wire.DeadLetter letter, byte[] value)
    {
        var topic = letter.SourceTopic[(letter.SourceTopic.LastIndexOf('.') + 1)..];
        if (!InputJson.Topics.Contains(topic) || !IsText(value) || !Encoding.UTF8.GetString(value).TrimStart().StartsWith('{'))
            return AsItCame(letter, value);
        var read = InputJson.Read(topic, Encoding.UTF8.GetString(value));
        return InputJson.IsInventory(topic) ? read : read with { Key = letter.Key.ToByteArray() };
    }

    private static void Publish(IEventLog log, Wire.DeadLetter letter, InputJson record)
    {
        using var outputs = new OutputBatch();
        byte[] headers = [.. record.Headers, .. RecordHeaders.Encode((RecordHeaders.Replayed, []))];
        outputs.Append(
            new TopicPartition(letter.SourceTopic, (int)letter.SourcePartition), new EventTime(letter.SourceTimeMs), record.Key, headers, record.Value);
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
