using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>
/// Each window of each VM, from its first to the newest, has one features record with the count, mean and maximum of the samples that were
/// published for it, and one forecast. By arithmetic of its own: of the product it knows the schemas only.
/// </summary>
internal sealed class WindowCheck(Topics topics, TimeSpan size)
{
    private readonly long _sizeMs = (long)size.TotalMilliseconds;

    public IEnumerable<Finding> Check(IReadOnlyCollection<string> vms, IReadOnlyList<PublishedSample> samples, Transcript log)
    {
        var features = log.Of(topics.Features).SelectMany(partition => partition.Records).Select(record => Wire.Features.Parser.ParseFrom(record.Value)).ToLookup(window => window.VmId);
        var forecasts = log.Of(topics.Forecasts).SelectMany(partition => partition.Records).Select(record => Wire.Forecast.Parser.ParseFrom(record.Value)).ToLookup(forecast => forecast.VmId);
        var byVm = samples.ToLookup(sample => sample.VmId);
        var newest = samples.Count == 0 ? 0 : samples.Max(sample => WindowOf(sample.TimeMs));
        foreach (var vm in vms)
        {
            var windows = byVm[vm].ToLookup(sample => WindowOf(sample.TimeMs));
            var first = features[vm].Select(window => WindowOf(window.StartMs)).Concat(windows.Select(window => window.Key)).DefaultIfEmpty(newest).Min();
            var last = Math.Max(newest, features[vm].Select(window => WindowOf(window.StartMs)).DefaultIfEmpty(newest).Max());
            var expected = Enumerable.Range(0, (int)(last - first + 1)).Select(window => (first + window) * _sizeMs).ToList();
            foreach (var finding in Compare($"features of {vm}", expected, [.. features[vm].Select(window => window.StartMs)]))
                yield return finding;
            foreach (var finding in Compare($"forecasts of {vm}", expected, [.. forecasts[vm].Select(forecast => forecast.OriginMs - _sizeMs)]))
                yield return finding;
            foreach (var window in features[vm].Where(window => !IsRight(window, [.. windows[WindowOf(window.StartMs)]])))
                yield return new Finding(Harm.Wrong, 1, $"features of {vm} at {new EventTime(window.StartMs)}: found {window.Count}, {window.Mean}, {window.Max}; {windows[WindowOf(window.StartMs)].Count()} samples were published");
        }
    }

    private static IEnumerable<Finding> Compare(string what, List<long> expected, List<long> actual) =>
        Sequences.Compare(what, expected, actual, start => FormattableString.Invariant($"{start}"), start => $"the window from {new EventTime(start)}");

    private bool IsRight(Wire.Features window, PublishedSample[] samples)
    {
        if (window.EndMs != window.StartMs + _sizeMs)
            return false;
        for (var resource = 0; resource < 4; resource++)
        {
            var values = samples.Select(sample => sample.Values[resource]).ToList();
            if (window.Count[resource] != values.Count)
                return false;
            if (values.Count > 0 && (window.Mean[resource] != (float)(values.Sum(value => (double)value) / values.Count) || window.Max[resource] != values.Max()))
                return false;
        }

        return true;
    }

    private long WindowOf(long timeMs) => timeMs / _sizeMs;
}
