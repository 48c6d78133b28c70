using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>The broker is killed, and comes back on its data a while later: nobody has to start anything else.</summary>
public sealed class AwayBrokerTests(ITestOutputHelper output)
{
    /// <summary>Each kind of message comes once a minute at most.</summary>
    private const int MostMessages = 20;

    /// <summary>A run with next to nothing in it has 150 to 250 MB.</summary>
    private const long MostBytes = 500_000_000;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") == "1" ? 60 : 20);

    [SharedFact(SharedBroker.Script)]
    public async Task All_roles_and_the_agent_go_on_and_each_sample_is_in_its_window()
    {
        using var vm = new WatchedVm([]);
        List<long> samples;
        await using (var run = vm.StartRun(grace: Outage + TimeSpan.FromSeconds(30)))
        {
            await run.Ready();
            await using var agent = vm.StartAgent();
            await vm.HasArrived(run, 3);
            var started = run.LinesWith("").Count;
            vm.Broker.Kill();
            await Task.Delay(Outage);
            vm.Broker.Start();
            await agent.UntilPrinted("nothing waits any more");
            samples = await vm.Stop(agent);
            await vm.HasArrived(run, samples.Count);
            await run.Ready();
            var peak = run.PeakBytes;
            await run.Stop();

            output.WriteLine($"{samples.Count} samples, {peak / 1_000_000} MB at most\n{agent.Printed}\n{run.Printed}");
            Assert.True(samples.Count > Outage.TotalSeconds, $"{samples.Count} samples");
            Assert.InRange(run.LinesWith("").Count - started, 1, MostMessages);
            Assert.InRange(run.LinesWith(vm.Broker.Bootstrap).Count, 2, MostMessages);
            Assert.Single(agent.LinesWith("samples wait in the buffer"));
            Assert.InRange(peak, 1, MostBytes);
        }

        await vm.EachIsInItsWindow(samples);
    }
}
