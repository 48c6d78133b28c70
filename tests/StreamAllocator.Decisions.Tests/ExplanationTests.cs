using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

public sealed class ExplanationTests
{
    [Fact]
    public void An_increase_is_explained_from_forecast_to_permit()
    {
        var decision = new PoolWorld(cores: 10).Vm("web-1", Priority.High, cores: 2).Forecast("web-1", usage: 2, mean: 3.1, stddev: 0.4, tail: 3.7).RoundOf("web-1");

        Assert.Equal(
            [
                "web-1 (high) at 2023-11-14T22:15:00Z: up, the forecast exceeds the threshold",
                "cpu: 2.00 now, used 2.00, forecast mean 3.10 ± 0.40, threshold 2.40 (k 1, high), P(more within the hour) 1.0000; wants q0.995 3.64, "
                + "guard 2.20, permit 3.65 (8.00 more free) → up to 3.65: the forecast exceeds the threshold",
                "memory: 8.00 now, used 6.00, forecast mean 6.00 ± 0.10, threshold 6.10 (k 1, high), P(more within the hour) 0.0010; wants q0.995 7.80, "
                + "guard 6.60 → stays 8.00: the change would be too small",
                "with α 0.001 instead of 0.005 it would want 3.7 cores, 8 GiB",
                "forecast of 2023-11-14T22:15:00Z by test-1, newest sample 0 windows old",
                "command revision 1: 2 cores, 8 GiB → 3.65 cores, 8 GiB, not after 2023-11-14T22:25:00Z",
            ],
            Explanation.Lines(decision));
        Assert.Equal(2, decision.Command!.Reasons.Count);
    }

    [Fact]
    public void Every_reason_has_words_of_its_own()
    {
        var texts = Enum.GetValues<DecisionReason>().Select(Explanation.Text).ToList();

        Assert.Equal(texts.Count, texts.Distinct().Count());
    }

    [Fact]
    public void The_counterfactual_is_the_size_at_the_next_stricter_level()
    {
        var decision = new PoolWorld().Vm("vm", Priority.Normal).Forecast("vm", mean: 3, tail: 13).RoundOf("vm");

        Assert.Equal(0.005, decision.CounterfactualAlpha, 1e-12);
        Assert.Equal((10.0, 12.0), (decision.UncappedTarget.CpuCores, decision.Counterfactual.CpuCores));
        Assert.Equal((3.0, 13.0), (decision.LowerBound.CpuCores, decision.UpperBound.CpuCores));
    }
}
