using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// Reads the topics of a finished run with a plain reader and recomputes what should be there: each VM and window exactly once and in order,
/// each sample in a window or refused, each command once with an ascending revision and answered. It shares no code with the tasks.
/// </summary>
internal static class ExactlyOnceChecker
{
    private static readonly long WindowMs = 300_000;

    /// <summary>Everything that is wrong; empty where nothing was lost, doubled or reordered.</summary>
    /// <param name="refused">Records that were sent and must be found in late or dead-letter.</param>
    public static IReadOnlyList<string> Check(Rig rig, int refused)
    {
        var problems = new List<string>();
        var features = Read(rig, rig.Topics.Features, Schemas.Features.Parser.ParseFrom);
        var forecasts = Read(rig, rig.Topics.Forecasts, Forecast.Parser.ParseFrom);
        EachWindowOnce("features", features.Select(entry => (entry.Message.VmId, entry.Message.EndMs)), rig, problems);
        EachWindowOnce("forecasts", forecasts.Select(entry => (entry.Message.VmId, entry.Message.OriginMs)), rig, problems);
        InTheirPartition("features", features.Select(entry => (entry.Message.VmId, entry.Partition)), problems);
        InTheirPartition("forecasts", forecasts.Select(entry => (entry.Message.VmId, entry.Partition)), problems);
        EachSampleOnce(rig, features.Select(entry => entry.Message), refused, problems);
        EachDecisionOnce(rig, problems);
        EachCommandOnceAndAnswered(rig, problems);
        return problems;
    }

    private static void EachWindowOnce(string topic, IEnumerable<(string VmId, long EndMs)> records, Rig rig, List<string> problems)
    {
        var byVm = records.GroupBy(record => record.VmId).ToDictionary(group => group.Key, group => group.Select(record => record.EndMs).ToList());
        var first = (rig.Fleet.Start.UnixMilliseconds / WindowMs + 1) * WindowMs;
        foreach (var vm in rig.Fleet.Vms)
        {
            var expected = Enumerable.Range(0, SyntheticTrace.Windows).Select(window => first + window * WindowMs);
            if (!byVm.GetValueOrDefault(vm.VmId, []).Take(SyntheticTrace.Windows).SequenceEqual(expected))
                problems.Add($"{topic}: windows of {vm.VmId} are not each there once and in order");
        }
    }

    private static void InTheirPartition(string topic, IEnumerable<(string VmId, int Partition)> records, List<string> problems)
    {
        foreach (var (vmId, partition) in records.Distinct())
        {
            if (StableHash.Partition(vmId, Rig.Options.VmPartitions) != partition)
                problems.Add($"{topic}: {vmId} in partition {partition}");
        }
    }

    private static void EachSampleOnce(Rig rig, IEnumerable<Features> features, int expectedRefused, List<string> problems)
    {
        var inWindows = features.Sum(window => (long)window.Count[0]);
        var refused = Read(rig, rig.Topics.Late, DeadLetter.Parser.ParseFrom)
            .Concat(Read(rig, rig.Topics.DeadLetter, DeadLetter.Parser.ParseFrom)).LongCount();
        if (inWindows != SyntheticTrace.Rows || refused != expectedRefused)
            problems.Add($"samples: {SyntheticTrace.Rows} sent, {inWindows} in windows, {refused} refused: expected each in its window, and {expectedRefused} refused");
    }

    private static void EachDecisionOnce(Rig rig, List<string> problems)
    {
        foreach (var vm in Read(rig, rig.Topics.Decisions, Schemas.Decision.Parser.ParseFrom).GroupBy(entry => entry.Message.VmId))
        {
            var times = vm.Select(entry => entry.Message.EventTimeMs).ToList();
            var gaps = times.Zip(times.Skip(1)).Count(pair => pair.Second - pair.First != WindowMs);
            if (gaps > 0 || times.Count < SyntheticTrace.Windows)
                problems.Add($"decisions of {vm.Key}: {times.Count}, {gaps} out of step: expected one a tick");
        }
    }

    private static void EachCommandOnceAndAnswered(Rig rig, List<string> problems)
    {
        var allocations = Read(rig, rig.Topics.Allocations, Schemas.Allocation.Parser.ParseFrom)
            .Select(entry => (entry.Message.VmId, entry.Message.Revision)).ToHashSet();
        foreach (var vm in Read(rig, rig.Topics.Commands, Schemas.ResizeCommand.Parser.ParseFrom)
            .Where(entry => entry.Message.VmId.Length > 0).GroupBy(entry => entry.Message.VmId))
        {
            var revisions = vm.Select(entry => entry.Message.Revision).ToList();
            if (!revisions.SequenceEqual(Enumerable.Range(1, revisions.Count).Select(revision => (ulong)revision)))
                problems.Add($"commands of {vm.Key}: revisions do not ascend one by one");
            foreach (var revision in revisions.Where(revision => !allocations.Contains((vm.Key, revision))))
                problems.Add($"command {revision} of {vm.Key} has no answer");
        }
    }

    private static List<(T Message, int Partition)> Read<T>(Rig rig, string topic, Func<byte[], T> parse)
    {
        var messages = new List<(T, int)>();
        using var batch = new RecordBatch();
        foreach (var spec in rig.Log.Topics().Where(spec => spec.Name == topic))
        {
            for (var partition = 0; partition < spec.Partitions; partition++)
            {
                using var reader = rig.Log.Read([new TopicPartition(topic, partition)]);
                while (reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records)
                {
                    for (var index = 0; index < batch.Count; index++)
                    {
                        if (!batch[index].Key.IsEmpty)
                            messages.Add((parse(batch[index].Value.ToArray()), partition));
                    }
                }
            }
        }

        return messages;
    }
}
