using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>
/// Where each published sample went: once into <c>vm-inputs</c>, in the order of publication, or once into <c>late</c> or <c>dead-letter</c>; both where predict
/// refused what ingest took.
/// </summary>
internal sealed class SampleCheck(Topics topics, int vmPartitions)
{
    /// <param name="inWindows">Takes the samples that must be in windows.</param>
    public IEnumerable<Finding> Check(IReadOnlyList<PublishedSample> published, Transcript log, List<PublishedSample> inWindows)
    {
        var findings = new List<Finding>();
        var accepted = Accepted(log, findings).ToLookup(sample => sample.VmId);
        var refused = Refused(log).ToLookup(sample => sample);
        foreach (var vm in published.GroupBy(sample => sample.VmId))
        {
            var seen = accepted[vm.Key].ToLookup(sample => sample.TimeMs);
            foreach (var sample in vm)
            {
                var (taken, letters) = (seen[sample.TimeMs].Count(), refused[(sample.VmId, sample.TimeMs)].Count());
                if (taken + letters == 0)
                    findings.Add(new Finding(Harm.Lost, 1, $"sample of {vm.Key} at {new EventTime(sample.TimeMs)} is nowhere"));
                if (taken > 1 || letters > 1)
                    findings.Add(new Finding(Harm.Doubled, Math.Max(taken, letters) - 1, $"sample of {vm.Key} at {new EventTime(sample.TimeMs)}: {taken} times in vm-inputs, {letters} times refused"));
                if (taken == 1 && !seen[sample.TimeMs].Single().Values.SequenceEqual(sample.Values))
                    findings.Add(new Finding(Harm.Wrong, 1, $"sample of {vm.Key} at {new EventTime(sample.TimeMs)} has other values in vm-inputs"));
                if (taken == 1 && letters == 0)
                    inWindows.Add(sample);
            }

            var order = vm.Select((sample, place) => (sample.TimeMs, place)).ToDictionary(entry => entry.TimeMs, entry => entry.place);
            var places = accepted[vm.Key].Select(sample => order.GetValueOrDefault(sample.TimeMs, -1)).ToList();
            findings.AddRange(places.Zip(places.Skip(1)).Where(pair => pair.First > pair.Second && pair.Second >= 0).Take(1)
                .Select(_ => new Finding(Harm.Reordered, 1, $"samples of {vm.Key} are not in vm-inputs in the order of their publication")));
        }

        var known = published.Select(sample => (sample.VmId, sample.TimeMs)).ToHashSet();
        var strange = accepted.SelectMany(vm => vm).Select(sample => (sample.VmId, sample.TimeMs)).Concat(refused.Select(letter => letter.Key)).Where(sample => !known.Contains(sample)).ToList();
        if (strange.Count > 0)
            findings.Add(new Finding(Harm.Wrong, strange.Count, $"sample of {strange[0].VmId} at {new EventTime(strange[0].TimeMs)} was never published"));
        return findings;
    }

    private List<PublishedSample> Accepted(Transcript log, List<Finding> findings)
    {
        var accepted = new List<PublishedSample>();
        foreach (var (partition, records) in log.Of(topics.VmInputs))
        {
            foreach (var columns in records.Select(record => Wire.VmInputs.Parser.ParseFrom(record.Value).Samples).OfType<Wire.SampleColumns>())
            {
                for (var index = 0; index < columns.Vm.Count; index++)
                {
                    var vm = columns.VmIds[(int)columns.Vm[index]];
                    if (StableHash.Partition(vm, vmPartitions) != partition)
                        findings.Add(new Finding(Harm.Wrong, 1, $"a sample of {vm} in vm-inputs[{partition}]"));
                    accepted.Add(new PublishedSample(
                        vm,
                        (long)columns.EventTimeMs[index],
                        [columns.CpuCores[index], columns.MemoryGib[index], columns.DiskBytesPerSecond[index], columns.NetworkBytesPerSecond[index]]));
                }
            }
        }

        return accepted;
    }

    private IEnumerable<(string VmId, long TimeMs)> Refused(Transcript log) =>
        from topic in new[] { topics.Late, topics.DeadLetter }
        from partition in log.Of(topic)
        from record in partition.Records
        from sample in Wire.Telemetry.Parser.ParseFrom(Wire.DeadLetter.Parser.ParseFrom(record.Value).Value).Samples
        select (sample.VmId, sample.EventTimeMs);
}
