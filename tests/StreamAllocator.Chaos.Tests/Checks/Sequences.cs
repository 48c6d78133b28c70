namespace StreamAllocator.Chaos.Tests.Checks;

/// <summary>Compares what is there with what should be, in order.</summary>
internal static class Sequences
{
    /// <param name="what">Names the sequence.</param>
    /// <param name="expected">Each once, in order; equal texts are equal records.</param>
    /// <param name="shown">Of a record, for people.</param>
    public static IEnumerable<Finding> Compare<T>(
        string what, IReadOnlyList<T> expected, IReadOnlyList<T> actual, Func<T, string> identity, Func<T, string> shown)
    {
        var wanted = Count(expected, identity);
        var found = Count(actual, identity);
        var lost = expected.Where(record => found.GetValueOrDefault(identity(record)) < wanted[identity(record)]).ToList();
        var more = actual.Where(record => found[identity(record)] > wanted.GetValueOrDefault(identity(record))).ToList();
        var doubled = more.Where(record => wanted.ContainsKey(identity(record))).DistinctBy(identity).ToList();
        var strange = more.Where(record => !wanted.ContainsKey(identity(record))).ToList();
        if (lost.Count > 0)
            yield return new Finding(Harm.Lost, lost.Count, $"{what}: {shown(lost[0])} is not there");
        if (doubled.Count > 0)
            yield return new Finding(Harm.Doubled, doubled.Sum(record => found[identity(record)] - wanted[identity(record)]), $"{what}: {shown(doubled[0])} is there more than once");
        if (strange.Count > 0)
            yield return new Finding(Harm.Wrong, strange.Count, $"{what}: {shown(strange[0])} should not be there");
        var common = expected.Select(identity).Where(found.ContainsKey).Distinct().ToList();
        var order = actual.Select(identity).Where(wanted.ContainsKey).Distinct().ToList();
        for (var at = 0; at < common.Count; at++)
        {
            if (common[at] == order[at])
                continue;
            yield return new Finding(Harm.Reordered, 1, $"{what}: at place {at} {shown(actual.First(record => identity(record) == order[at]))}");
            yield break;
        }
    }

    private static Dictionary<string, int> Count<T>(IEnumerable<T> records, Func<T, string> identity)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var record in records)
            counts[identity(record)] = counts.GetValueOrDefault(identity(record)) + 1;
        return counts;
    }
}
