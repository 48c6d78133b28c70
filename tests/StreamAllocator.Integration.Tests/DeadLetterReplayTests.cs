using System.Text.Json;

namespace StreamAllocator.Integration.Tests;

/// <summary>What could not be used is seen with its raw bytes, mended, brought back and counted: with the command alone.</summary>
public sealed class DeadLetterReplayTests
{
    /// <summary>A first run that closes no window of the last hour, so that what is mended then is still in time.</summary>
    private static readonly (string, string) HourOfGrace = ("STREAMALLOCATOR__ALLOCATOR__INGEST__GRACE", "01:00:00");

    [Fact]
    public async Task Malformed_records_are_listed_shown_mended_replayed_and_counted()
    {
        using var folder = new LiveFolder();
        var time = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(30);
        folder.PublishInventory("web-1", "web-2");
        var cut = LiveFolder.Sample("web-1", time, 1.25)[..^4];
        var huge = $$"""{ "samples": [{ "vm_id": "web-1", "event_time": "{{time:O}}", "cpu_cores": 1e999 }] }""";
        folder.Do("publish", "telemetry", folder.Write("telemetry.jsonl", cut, huge));
        folder.Do("publish", "vms", folder.Write("vms.jsonl", LiveFolder.Vm("web-3").Replace("\"cpu_cores\": 8", "\"cpu_cores\": -8", StringComparison.Ordinal)));

        await using (var run = await folder.Run([], HourOfGrace))
        {
            await run.Until(async () => await run.Records("dead-letter") == 3, "three records are dead-lettered");
            var (exit, _, errors) = folder.Try("dead-letter", "list");
            Assert.Equal(1, exit);
            Assert.Contains("is in use by process", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            await run.Stop();
        }

        var letters = JsonDocument.Parse(folder.Do("dead-letter", "list", "--format", "json")).RootElement.EnumerateArray().ToList();
        var malformed = Offset(letters, "streamallocator.telemetry", letter => letter.GetProperty("bytes").GetInt32() == cut.Length);
        var vm = Offset(letters, "streamallocator.vms", _ => true);
        Assert.Contains(cut, folder.Do("dead-letter", "show", malformed), StringComparison.Ordinal);
        Assert.Contains("malformed: size of -8 cores", folder.Do("dead-letter", "show", vm), StringComparison.Ordinal);
        Assert.Contains(huge, folder.Do("dead-letter", "show", Offset(letters, "streamallocator.telemetry", letter => letter.GetProperty("bytes").GetInt32() == huge.Length)), StringComparison.Ordinal);

        folder.Do("dead-letter", "replay", malformed, "--value", folder.Write("mended.json", LiveFolder.Sample("web-1", time, 1.25)));
        folder.Do("dead-letter", "replay", vm, "--value", folder.Write("mended.json", LiveFolder.Vm("web-3")));
        await using (var run = await folder.Run([]))
        {
            await run.Until(async () => await run.Records("features") >= 3 * 30, "the windows since then are closed");
            await run.Stop();
        }

        var counted = folder.Values("features").Where(window => window.GetProperty("count")[0].GetInt32() > 0);
        var window = Assert.Single(counted);
        Assert.Equal(("web-1", 1.25), (window.GetProperty("vm_id").GetString(), window.GetProperty("mean")[0].GetDouble()));
        Assert.Contains(folder.Values("features"), features => features.GetProperty("vm_id").GetString() == "web-3");
    }

    private static string Offset(List<JsonElement> letters, string topic, Func<JsonElement, bool> which) =>
        Assert.Single(letters, letter => letter.GetProperty("from topic").GetString() == topic && which(letter)).GetProperty("offset").ToString();
}
