using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.World;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.World;

public sealed class RecordedFeedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("feed-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Step_comes_whole_once_it_has_ended()
    {
        // 300 |  a301 b302 | 600 |  a601 | 900 | … | 1500 |  b1500 |
        using var feed = Open("a,301,,1,4,2,8,10,5,1,1", "b,302,,2,,,,,,,", "a,601,,3,,,,,,,", "b,1500,,4,,,,,,,");

        Assert.Empty(Read(feed, 599));
        Assert.Equal([("a", 301, 1.0), ("b", 302, 2.0)], Read(feed, 600));
        Assert.Empty(Read(feed, 600));
        Assert.Equal([("a", 601, 3.0)], Read(feed, 1500));
        Assert.False(feed.Ended);
        Assert.Equal([("b", 1500, 4.0)], Read(feed, 1800));
        Assert.True(feed.Ended);
    }

    [Fact]
    public void Row_is_passed_on_as_it_was_recorded()
    {
        using var feed = Open("a,301,,1,4,2,8,10,5,1,1");
        var sample = default(DemandSample);
        Assert.True(feed.TryRead(EventTime.FromUnixSeconds(600), ref sample));

        Assert.Equal((1.0, 4.0, 2.0, 8.0), (sample.CpuCores, sample.CpuCoresAllocated, sample.MemoryGib, sample.MemoryGibAllocated));
        Assert.Equal((15.0, 2.0, TimeSpan.FromMinutes(5)), (sample.DiskBytesPerSecond, sample.NetworkBytesPerSecond, sample.Interval));
        Assert.True(double.IsNaN(sample.CpuCoresMax));
    }

    [Theory]
    [InlineData(300)]
    [InlineData(600)]
    [InlineData(900)]
    [InlineData(1800)]
    public void Skipped_feed_goes_on_where_the_read_one_stands(int seconds)
    {
        string[] rows = ["a,301,,1,,,,,,,", "b,302,,2,,,,,,,", "a,601,,3,,,,,,,", "b,1500,,4,,,,,,,"];
        using var read = Open(rows);
        using var skipped = Open(rows);

        Read(read, seconds);
        skipped.SkipTo(EventTime.FromUnixSeconds(seconds));

        Assert.Equal(Read(read, 9999), Read(skipped, 9999));
    }

    private static List<(string VmId, long Seconds, double Cores)> Read(RecordedFeed feed, long untilSeconds)
    {
        List<(string VmId, long Seconds, double Cores)> samples = [];
        var sample = default(DemandSample);
        while (feed.TryRead(EventTime.FromUnixSeconds(untilSeconds), ref sample))
            samples.Add((feed.VmId(sample.Vm), sample.Time.UnixMilliseconds / 1000, sample.CpuCores));
        return samples;
    }

    private RecordedFeed Open(params string[] rows)
    {
        var path = Path.Combine(_folder, "trace.csv");
        File.WriteAllText(path, $"{TraceLayouts.VmHeader}\n{string.Join('\n', rows)}\n");
        return new RecordedFeed(TraceReader.Open(new TraceOptions { File = path }, problem => Assert.Fail(problem.ToString())));
    }
}
