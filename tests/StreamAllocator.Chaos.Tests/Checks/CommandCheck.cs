using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>
/// Commands leave what a fold can show: each revision of a VM is there once, they rise, and each is answered once. What did not arrive in time may be
/// told of again when the size has changed after all. What is told to people is told to both inputs.
/// </summary>
internal sealed class CommandCheck(Topics topics, int vmPartitions)
{
    /// <param name="answeredUntilMs">Commands issued later than this may still be under way.</param>
    public IEnumerable<Finding> Check(Transcript log, long answeredUntilMs)
    {
        var commands = Commands(log).ToList();
        var allocations = Allocations(log).ToList();
        var answers = allocations.Where(allocation => allocation.Message.Revision > 0).ToLookup(allocation => (allocation.Message.VmId, allocation.Message.Revision), allocation => allocation.Message);
        foreach (var vm in commands.GroupBy(command => command.VmId))
        {
            var revisions = vm.Select(command => command.Revision).ToList();
            if (revisions.Distinct().Count() != revisions.Count)
                yield return new Finding(Harm.Doubled, revisions.Count - revisions.Distinct().Count(), $"commands of {vm.Key}: a revision is there twice");
            if (revisions.Zip(revisions.Skip(1)).Any(pair => pair.First > pair.Second))
                yield return new Finding(Harm.Reordered, 1, $"commands of {vm.Key}: revisions do not rise");
            foreach (var command in vm.DistinctBy(command => command.Revision))
            {
                foreach (var finding in Answered(command, [.. answers[(vm.Key, command.Revision)]], answeredUntilMs))
                    yield return finding;
            }
        }

        var known = commands.Select(command => (command.VmId, command.Revision)).ToHashSet();
        foreach (var strange in answers.Where(answer => !known.Contains(answer.Key)))
            yield return new Finding(Harm.Wrong, 1, $"an answer to command {strange.Key.Revision} of {strange.Key.VmId}, which is not there");
        foreach (var (partition, allocation) in allocations.Where(entry => StableHash.Partition(entry.Message.VmId, vmPartitions) != entry.Partition))
            yield return new Finding(Harm.Wrong, 1, $"an allocation of {allocation.VmId} in allocations[{partition}]");
        foreach (var finding in Copies(log, [.. allocations.Select(allocation => allocation.Message)]))
            yield return finding;
    }

    /// <summary>How many commands have no answer yet.</summary>
    public int Unanswered(Transcript log) => Commands(log).Select(command => (command.VmId, command.Revision))
        .Except(Allocations(log).Select(allocation => (allocation.Message.VmId, allocation.Message.Revision))).Count();

    private IEnumerable<Wire.ResizeCommand> Commands(Transcript log) => log.Of(topics.Commands).SelectMany(partition => partition.Records)
        .Where(record => !record.IsTick).Select(record => Wire.ResizeCommand.Parser.ParseFrom(record.Value));

    private IEnumerable<(int Partition, Wire.Allocation Message)> Allocations(Transcript log) =>
        from partition in log.Of(topics.Allocations)
        from record in partition.Records
        select (partition.Partition, Wire.Allocation.Parser.ParseFrom(record.Value));

    private static IEnumerable<Finding> Answered(Wire.ResizeCommand command, List<Wire.Allocation> answers, long answeredUntilMs)
    {
        var named = $"command {command.Revision} of {command.VmId} ({new EventTime(command.IssuedMs)})";
        if (answers.Count == 0 && command.IssuedMs <= answeredUntilMs)
            yield return new Finding(Harm.Lost, 1, $"{named} was never answered");
        var tooMany = answers.Zip(answers.Skip(1)).Count(pair => !IsLateEnd(pair.First, pair.Second));
        if (tooMany > 0)
            yield return new Finding(Harm.Doubled, tooMany, $"{named} was answered {answers.Count} times: {string.Join(", ", answers.Select(answer => $"{answer.Outcome} '{answer.Detail}'"))}");
    }

    private static bool IsLateEnd(Wire.Allocation first, Wire.Allocation second) =>
        HasNotArrived(first) && (HasNotArrived(second) || second.Outcome == Wire.AllocationOutcome.Applied) && !first.Observed.Equals(second.Observed);

    private static bool HasNotArrived(Wire.Allocation answer) => answer.Outcome is Wire.AllocationOutcome.Partial or Wire.AllocationOutcome.Failed;

    private IEnumerable<Finding> Copies(Transcript log, List<Wire.Allocation> allocations)
    {
        var toPredict = log.Of(topics.VmInputs).SelectMany(partition => partition.Records).Select(record => Wire.VmInputs.Parser.ParseFrom(record.Value).Allocation).OfType<Wire.Allocation>().ToLookup(allocation => allocation.VmId);
        var toDecide = log.Of(topics.PoolInputs).SelectMany(partition => partition.Records).SelectMany(record => Wire.PoolInputs.Parser.ParseFrom(record.Value).Allocations).ToLookup(allocation => allocation.VmId);
        var told = allocations.ToLookup(allocation => allocation.VmId);
        return told.Concat(toPredict).Concat(toDecide).Select(vm => vm.Key).Distinct().SelectMany(vm =>
            Compare($"allocations of {vm} in vm-inputs", told[vm], toPredict[vm]).Concat(Compare($"allocations of {vm} in pool-inputs", told[vm], toDecide[vm])));
    }

    private static IEnumerable<Finding> Compare(string what, IEnumerable<Wire.Allocation> expected, IEnumerable<Wire.Allocation> actual) =>
        Sequences.Compare(what, [.. expected], [.. actual], allocation => allocation.ToString(), allocation => allocation.ToString());
}
