using StreamAllocator.Pipeline.Conformance;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;

namespace StreamAllocator.Pipeline.Tests.Logs.InMemory;

public sealed class InMemoryLogContractTests : EventLogContract
{
    protected override IEventLog Open() => new InMemoryLog();

    // It outlives the tasks of a test, not its process: what a kill leaves behind are consumers and producers that nobody closed.
    protected override IEventLog Reopen(IEventLog log) => log;
}
