using System.Text.Json;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>The forecasts of real VMs against the pinned baselines, over the span that tuning may look at.</summary>
public sealed class ForecastQualityTests
{
    private const string Trace = "traces/bitbrains_rnd.csv.gz";

    [SharedFact(Trace)]
    public void From_2_to_16_August_the_score_is_below_095_and_the_intervals_cover_what_they_promise()
    {
        var printed = AllocatorProcess.Run(
            ["forecast", "--trace", SharedFolder.Resolve(Trace), "--from", "2013-08-02T00:00:00Z", "--to", "2013-08-16T22:00:00Z", "--format", "json"]);
        var all = JsonDocument.Parse(printed).RootElement.GetProperty("all");
        Assert.InRange(all.GetProperty("score").GetDouble(), 0.5, 0.95);
        var resources = all.GetProperty("resources").EnumerateArray().ToList();
        Assert.Equal(4, resources.Count);
        Assert.All(resources, resource =>
        {
            Assert.InRange(resource.GetProperty("coverage80").GetDouble(), 0.77, 0.83);
            Assert.InRange(resource.GetProperty("above_highest").GetDouble(), 0.02, 0.115);
        });
    }
}
