using System.Text.RegularExpressions;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>Somebody deletes a topic under a <c>run</c>: what it then says is the command to run, after which it goes on by itself.</summary>
public sealed class DeletedTopicTests(ITestOutputHelper output)
{
    [SharedFact(SharedBroker.Script)]
    public async Task The_command_that_it_names_is_enough()
    {
        using var vm = new WatchedVm([]);
        List<long> samples;
        await using (var run = vm.StartRun(grace: TimeSpan.FromSeconds(45)))
        {
            await run.Ready();
            await using (var agent = vm.StartAgent())
            {
                await vm.HasArrived(run, 3);
                samples = await vm.Stop(agent);
                await vm.HasArrived(run, samples.Count);
            }

            vm.Broker.Admin("topics", "--delete", "--topic", "streamallocator.telemetry");
            await run.UntilPrinted("topic streamallocator.telemetry does not exist");
            await using (var agent = vm.StartAgent())
            {
                await agent.UntilPrinted("samples wait in the buffer");
                var command = Regex.Match(run.LinesWith("topic streamallocator.telemetry does not exist")[0], "'streamallocator (topics create [^']*)'");
                AllocatorProcess.Run(command.Groups[1].Value.Split(' '));
                await agent.UntilPrinted("nothing waits any more");
                samples = await vm.Stop(agent);
            }

            await vm.HasArrived(run, samples.Count);
            await run.Stop();
            output.WriteLine(run.Printed);
            Assert.Single(run.LinesWith("opened anew"));
        }

        await vm.EachIsInItsWindow(samples);
    }
}
