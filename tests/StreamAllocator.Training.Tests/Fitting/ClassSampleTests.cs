using StreamAllocator.Domain;
using StreamAllocator.Training.Fitting;

namespace StreamAllocator.Training.Tests.Fitting;

public sealed class ClassSampleTests
{
    [Fact]
    public void The_vms_with_the_lowest_hashes_are_kept_whatever_their_order()
    {
        var ids = Enumerable.Range(0, 20).Select(vm => $"vm-{vm}").ToArray();
        var expected = ids.OrderBy(StableHash.Of).Take(5).Select(id => (float)Array.IndexOf(ids, id)).ToArray();

        foreach (var order in new[] { ids, ids.Reverse().ToArray() })
        {
            var sample = new ClassSample(100, 3, maxVms: 5);
            for (var window = 100; window < 103; window++)
            {
                foreach (var id in order)
                    sample.Add(id, window, [Array.IndexOf(ids, id)], []);
            }

            Assert.Equal(expected, sample.Series.Select(series => series[0]));
            Assert.All(sample.Series, series => Assert.DoesNotContain(float.NaN, series[..3]));
            Assert.Equal(15, sample.KnownValues);
        }
    }

    [Fact]
    public void Windows_outside_the_span_are_passed_over_and_missing_ones_are_missing()
    {
        var sample = new ClassSample(10, 2, maxVms: 1);

        sample.Add("vm", 9, [1], []);
        sample.Add("vm", 11, [2, float.NaN, 3, 4], [true]);
        sample.Add("vm", 12, [5], []);

        var series = Assert.Single(sample.Series);
        Assert.Equal([float.NaN, -2, float.NaN, float.NaN, float.NaN, 3, float.NaN, 4], series);
        Assert.Equal((3L, 1), (sample.KnownValues, sample.FirstKnown));
    }
}
