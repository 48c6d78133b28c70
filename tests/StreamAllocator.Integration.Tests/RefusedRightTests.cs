using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>Where the broker refuses a <c>run</c> something, it names what, and the right that it lacks.</summary>
public sealed class RefusedRightTests(ITestOutputHelper output)
{
    private static readonly KeyValuePair<string, string>[] Guarded =
    [
        new("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        new("super.users", "User:ANONYMOUS"),
    ];

    private static readonly (string Name, string Value)[] AsTest =
    [
        ("STREAMALLOCATOR__KAFKA__PROPERTIES__SECURITY_PROTOCOL", "SASL_PLAINTEXT"),
        ("STREAMALLOCATOR__KAFKA__PROPERTIES__SASL_MECHANISM", "SCRAM-SHA-256"),
        ("STREAMALLOCATOR__KAFKA__PROPERTIES__SASL_USERNAME", "test"),
        ("STREAMALLOCATOR__KAFKA__PROPERTIES__SASL_PASSWORD", "test-secret"),
    ];

    [SharedFact(SharedBroker.Script)]
    public async Task A_topic_that_it_may_not_see_ends_it_and_what_it_may_not_read_is_waited_for()
    {
        using var vm = new WatchedVm(Guarded, "--sasl-port", "0");
        var address = $"kafka:127.0.0.1:{vm.Broker.Port("sasl")}";
        vm.Broker.Admin("acls", "--add", "--allow-principal", "User:test", "--operation", "All", "--topic", "*", "--group", "*", "--transactional-id", "*");
        string[] unseen = ["--deny-principal", "User:test", "--operation", "Describe", "--operation", "Create", "--topic", "streamallocator.telemetry"];
        string[] unread = ["--deny-principal", "User:test", "--operation", "Read", "--topic", "streamallocator.telemetry", "--group", "predict"];

        vm.Broker.Admin(["acls", "--add", .. unseen]);
        using (var refused = AllocatorProcess.Start(["run", "--log", address], AsTest))
        {
            var error = await refused.StandardError.ReadToEndAsync();
            await refused.WaitForExitAsync();
            output.WriteLine(error);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("streamallocator.telemetry", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Contains("lacks a right", error, StringComparison.Ordinal);
        }

        vm.Broker.Admin(["acls", "--remove", "--force", .. unseen]);
        vm.Broker.Admin(["acls", "--add", .. unread]);
        await using var run = vm.StartRun(TimeSpan.FromSeconds(45), address, AsTest);
        await using var agent = vm.StartAgent();
        await run.UntilPrinted("--operation Read --topic streamallocator.telemetry'");
        await run.UntilPrinted("--operation Read --group predict'");
        vm.Broker.Admin(["acls", "--remove", "--force", .. unread]);
        var samples = await vm.Stop(agent);
        await vm.HasArrived(run, samples.Count);
        await run.Stop();
        output.WriteLine(run.Printed);
        Assert.Single(run.LinesWith("topic streamallocator.telemetry"));
        Assert.Single(run.LinesWith("group predict"));
        await vm.EachIsInItsWindow(samples);
    }
}
