using System.Text.Json;

namespace StreamAllocator.Integration.Tests;

/// <summary>
/// The live path as processes: telemetry of the last minutes is there before the start, so its windows close at once; a VM is at its allocation in
/// the last three.
/// </summary>
public sealed class LiveRunTests
{
    private const int Minutes = 8;

    /// <summary>Start of the first window that is full of samples.</summary>
    private readonly DateTimeOffset _from = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60 * 60 - Minutes * 60);

    [Fact]
    public async Task Telemetry_becomes_features_forecasts_decisions_commands_and_a_larger_VM()
    {
        using var folder = new LiveFolder();
        Publish(folder);
        await using (var run = await folder.Run([]))
        {
            await run.Until(async () => (await Cores(run, "busy")) > 2, "the busy VM is larger");
            var metrics = await run.Metrics();
            Assert.All(
                new[] { "ingest", "predict", "decide", "execute", "train" },
                stage => Assert.Matches($$"""streamallocator_tick_lag_seconds\{[^}]*stage="{{stage}}"[^}]*\} \d""", metrics));
            await run.Stop();
            Assert.Contains("drained", run.Printed, StringComparison.Ordinal);
        }

        Assert.Empty(folder.Values("dead-letter"));
        Assert.Empty(folder.Values("late"));
        var features = folder.Values("features");
        foreach (var vm in new[] { "busy", "quiet" })
        {
            var windows = features.Where(window => window.GetProperty("vm_id").GetString() == vm && Start(window) >= _from && Start(window) < _from.AddMinutes(Minutes)).ToList();
            Assert.Equal(Enumerable.Range(0, Minutes).Select(minute => _from.AddMinutes(minute)), windows.Select(Start));
            Assert.All(windows, window => Assert.Equal(6, window.GetProperty("count")[0].GetInt32()));
            Assert.Equal(
                Enumerable.Range(0, Minutes).Select(minute => Demand(vm, _from.AddMinutes(minute))),
                windows.Select(window => Math.Round(window.GetProperty("mean")[0].GetDouble(), 3)));
        }

        Assert.Equal(features.Count, folder.Values("forecasts").Count);
        Assert.Equal(Grown(folder), folder.Values("commands").Where(value => value.TryGetProperty("vm_id", out _)).Select(VmAndRevision));
        Assert.All(Grown(folder), command => Assert.Equal("busy", command.VmId));
        Assert.Contains(folder.Values("allocations"), allocation => allocation.GetProperty("observed").GetProperty("cpu_cores").GetDouble() > 2);
    }

    [Fact]
    public async Task A_dry_run_records_its_commands_and_changes_no_size()
    {
        using var folder = new LiveFolder();
        Publish(folder);
        await using (var run = await folder.Run(["--dry-run"]))
        {
            await run.Until(async () => await run.Records("allocations") > 0, "a command was answered");
            Assert.Contains("nothing is applied", run.Printed, StringComparison.Ordinal);
            await run.Stop();
        }

        Assert.NotEmpty(Grown(folder));
        Assert.All(folder.Values("allocations"), allocation => Assert.Equal(
            ("ALLOCATION_OUTCOME_DRY_RUN", 2), (allocation.GetProperty("outcome").GetString(), allocation.GetProperty("observed").GetProperty("cpu_cores").GetDouble())));
    }

    private static List<(string VmId, string Revision)> Grown(LiveFolder folder) =>
        [.. folder.Values("decisions").Where(decision => decision.GetProperty("kind").GetString() == "DECISION_KIND_UP").Select(VmAndRevision)];

    private static (string VmId, string Revision) VmAndRevision(JsonElement value) =>
        (value.GetProperty("vm_id").GetString()!, value.GetProperty("revision").GetString()!);

    private void Publish(LiveFolder folder)
    {
        folder.PublishInventory("busy", "quiet");
        var until = DateTimeOffset.UtcNow;
        var samples =
            from time in Enumerable.Range(0, 60).Select(sample => _from.AddSeconds(10 * sample))
            where time <= until
            from vm in new[] { "busy", "quiet" }
            select LiveFolder.Sample(vm, time, Demand(vm, time));
        folder.Do("publish", "telemetry", folder.Write("telemetry.jsonl", [.. samples]));
    }

    private double Demand(string vm, DateTimeOffset time) => vm == "busy" && time >= _from.AddMinutes(Minutes - 3) ? 2 : 0.5;

    private static DateTimeOffset Start(JsonElement window) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(window.GetProperty("start_ms").GetString()!, null));

    private static async Task<double> Cores(LiveRun run, string vm) =>
        (await run.Get($"/v1/vms/{vm}")).TryGetProperty("allocated", out var size) && size.ValueKind == JsonValueKind.Object ? size.GetProperty("cpu_cores").GetDouble() : 0;
}
