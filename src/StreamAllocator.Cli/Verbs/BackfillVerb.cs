using System.Collections;
using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Live;
using StreamAllocator.Cli.Output;
using StreamAllocator.Cli.Records;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>backfill</c>: history into the log of a new allocator, so that its forecasts start warm.</summary>
internal static class BackfillVerb
{
    public static Command Create()
    {
        var history = new RecordingOptions();
        var into = new Option<string?>("--into") { Description = $"The allocator's log; what the settings say, {LogAddress.Default} at first." };
        var config = new Option<FileInfo?>("--config") { Description = $"JSON file of the allocator's settings; {SettingsSource.StandardFile} where it exists." };
        var format = FormatOption.Create();
        var command = new Command(
            "backfill",
            "Writes history into the log of an allocator that has not begun, so that its first forecasts are warm.\n\n"
            + "  streamallocator backfill --trace vms.csv.gz --ending 2026-03-01T12:00:00Z\n"
            + "  streamallocator backfill --log file:./old.db --into file:./streamallocator.db");
        history.AddDatedTo(command);
        foreach (var option in new Option[] { into, config, format })
            command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            var settings = Read(parsed.GetValue(config), parsed.GetValue(into));
            var address = LogAddress.Parse(settings.Log, "--into");
            if (address is { Path: null, Servers: null })
                throw new UsageException("--into memory: it ends with this command; expected file:PATH or kafka:HOST:PORT");
            DemoMark.Refuse(address, "--into");
            using var log = address.Open(syncedTopics: [], dropConsumed: false);
            var topics = new Topics(settings.TopicPrefix);
            var layout = LogLayout.Of(log, topics, settings.Allocator);
            var backfill = new Backfill(log, topics, layout.ApplyTo(settings.Allocator), layout.VmInputs, address.Snapshots(log, topics));
            var written = Fill(parsed, history, log, topics, backfill, cancellation);
            if (cancellation.IsCancellationRequested)
            {
                Console.Error.WriteLine($"stopped in the middle: {settings.Log} holds a part of the history. Begin again with a new log");
                return Task.FromResult(ExitCodes.Failed);
            }

            Print(written, topics, parsed.GetValue(format));
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static IReadOnlyDictionary<string, long> Fill(
        ParseResult parsed, RecordingOptions options, IEventLog log, Topics topics, Backfill backfill, CancellationToken cancellation)
    {
        var inventory = new NewestInventory(log, topics);
        var known = inventory.Vms() is { Count: > 0 } vms ? new Fleet(vms, inventory.Hosts(), EventTime.Unknown) : null;
        using var history = options.Open(parsed, topics, backfill.Driven, known, inStep: true);
        backfill.Check(history.Fleet, EventTime.From(TimeProvider.System.GetUtcNow()));
        if (known is null)
            Console.Error.WriteLine($"the log has no inventory: it gets the history's, {history.Fleet.Vms.Count} VMs and {history.Fleet.Hosts.Count} hosts");
        var written = ProgressBar.Show(
            "writing", progress => backfill.Write(history.Fleet, history.World, known is null, progress, cancellation));
        return ProgressBar.Show("folding", progress =>
        {
            backfill.Fold(progress, cancellation);
            return written;
        });
    }

    private static Settings Read(FileInfo? config, string? into)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
        return SettingsSource.Read(config, environment, into is null ? [] : [("Log", JsonValue.Create(into)!)]);
    }

    private static void Print(IReadOnlyDictionary<string, long> written, Topics topics, OutputFormat format)
    {
        var listing = new Listing("topic", "records written");
        foreach (var (topic, records) in written)
            listing.Add(topic[topics.Prefix.Length..], records);
        listing.Print(format, Console.Out);
    }
}
