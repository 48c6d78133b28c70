using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Live;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>topics grow</c>: more partitions for <c>vm-inputs</c>, so that more processes can share the VMs.</summary>
internal static class GrowVerb
{
    public static Command Create()
    {
        var partitions = new Option<int>("--vm-partitions") { Description = "Of vm-inputs from then on: a multiple of what it has.", Required = true };
        var log = new Option<string?>("--log") { Description = $"The allocator's log; what the settings say, {LogAddress.Default} at first." };
        var config = new Option<FileInfo?>("--config") { Description = $"JSON file of the allocator's settings; {SettingsSource.StandardFile} where it exists." };
        var command = new Command(
            "grow",
            "Raises the number of partitions of vm-inputs; the allocator must not run meanwhile.\n\n"
            + "  streamallocator topics grow --vm-partitions 16 --log kafka:localhost:9092") { partitions, log, config };
        command.SetAction((parsed, cancellation) =>
        {
            var settings = SettingsSource.Read(
                parsed.GetValue(config), SettingsSource.EnvironmentVariables(), parsed.GetValue(log) is { } given ? [("Log", JsonValue.Create(given)!)] : []);
            var address = LogAddress.Parse(settings.Log);
            DemoMark.Refuse(address, "--log");
            using var opened = address.OpenExisting();
            var topics = new Topics(settings.TopicPrefix);
            var asked = parsed.GetValue(partitions);
            var growth = new Growth(opened, topics, LogLayout.Find(opened, topics, settings.Allocator).ApplyTo(settings.Allocator) with { Train = true }, address.Snapshots(opened, topics));
            var before = growth.Raise(asked, cancellation);
            Console.WriteLine(before == asked
                ? $"{topics.VmInputs} has {asked} partitions"
                : $"{topics.VmInputs} had {before} partitions, and has {asked}: start the allocator again");
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }
}
