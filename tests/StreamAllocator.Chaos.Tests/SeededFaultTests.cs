namespace StreamAllocator.Chaos.Tests;

/// <summary>A checker that cannot fail shows nothing: it must find each seeded fault, and nothing where there is none.</summary>
public sealed class SeededFaultTests
{
    public static TheoryData<string> Names => [.. SeededFault.All.Select(fault => fault.Name)];

    [Fact]
    public void A_run_without_a_fault_is_clean_and_has_something_of_everything()
    {
        var run = SimulatedRun.Once.Value;
        Assert.Empty(run.Check(run.Transcript));
        var topics = run.Topics;
        Assert.All(
            new[] { topics.Features, topics.Forecasts, topics.ForecastErrors, topics.Decisions, topics.Commands, topics.Allocations, topics.Late, topics.DeadLetter },
            topic => Assert.Contains(run.Transcript.Of(topic), partition => partition.Records.Exists(record => !record.IsTick)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_fault_is_found(string name)
    {
        var run = SimulatedRun.Once.Value;
        var fault = SeededFault.All.Single(fault => fault.Name == name);
        var log = run.Transcript.Copy();
        fault.Apply(log);
        Assert.Contains(run.Check(log), finding => finding.Harm == fault.Harm);
    }
}
