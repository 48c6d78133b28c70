using System.Text.Json;
using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;
using StreamAllocator.Testing;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class PinnedBaselineScoresTests
{
    /// <summary>CPU takes 3 seconds; all four with <c>make test-long</c>.</summary>
    private static readonly Resource[] Tested =
        Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1" ? Resources.All : [Resource.Cpu];

    [SharedFact("reference/pinned_baselines.json")]
    public void Losses_on_the_tuning_span_equal_the_published_ones_per_lead_time()
    {
        using var reference = JsonDocument.Parse(File.ReadAllText(SharedFolder.Resolve("reference/pinned_baselines.json")));
        using var reader = TraceReader.Open(
            new TraceOptions { File = SharedFolder.Resolve("traces/bitbrains_rnd.csv.gz") }, problem => Assert.Fail(problem.ToString()));
        var table = WindowTable.Read(reader);
        var scorers = PinnedBaselineScores.Compute(table, OriginSpan.BitbrainsTuning(table.Size), Tested);

        foreach (var scorer in scorers)
        {
            var found = AccuracyReport.Of(scorer, scorers).All.Resources;
            Assert.Equal(Tested, found.Select(resource => resource.Resource));
            foreach (var resource in found)
            {
                var expected = reference.RootElement.GetProperty("losses").GetProperty("tune")
                    .GetProperty(resource.Resource.ToString().ToLowerInvariant()).GetProperty(scorer.Method);
                var where = $"{resource.Resource} {scorer.Method}";
                AssertClose(expected.GetProperty("loss").GetDouble(), resource.Loss, 1e-5, where);
                for (var lead = 0; lead < Horizon.Leads; lead++)
                    AssertClose(expected.GetProperty("by_lead")[lead].GetDouble(), resource.LossByLead[lead], 1e-5, $"{where} lead {lead + 1}");

                // Looser: the published shares are of doubles whose rounding breaks a part of the ties.
                AssertClose(expected.GetProperty("cov80").GetDouble(), resource.Coverage80, 3e-3, $"{where} coverage");
                AssertClose(expected.GetProperty("above_q90").GetDouble(), resource.AboveHighest, 4e-3, $"{where} above the 0.9 quantile");
            }
        }
    }

    private static void AssertClose(double expected, double found, double tolerance, string where) =>
        Assert.True(Math.Abs(expected - found) <= tolerance, $"{where}: found {found}, expected {expected} ± {tolerance}");
}
