using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tests.Tasks;

public sealed class SourceTicksTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void The_watermark_is_the_smallest_tick_once_each_source_has_spoken()
    {
        var ticks = new SourceTicks(null);
        Assert.False(ticks.Observe(At(0, 100)));
        Assert.Equal(EventTime.Unknown, ticks.Watermark);
        Assert.True(ticks.Observe(At(1, 90)));
        Assert.Equal(Seconds(90), ticks.Watermark);
        Assert.False(ticks.Observe(At(0, 120)));
        Assert.True(ticks.Observe(At(1, 110)));
        Assert.Equal(Seconds(110), ticks.Watermark);
    }

    [Fact]
    public void An_expected_source_is_waited_for()
    {
        var ticks = new SourceTicks(null);
        ticks.Expect(TickSource.Train);
        Assert.False(ticks.Observe(At(0, 100) with { Count = 1 }));
        Assert.True(ticks.Observe(new Tick(TickSource.Train, 0, 1, Seconds(200))));
        Assert.Equal(Seconds(100), ticks.Watermark);
    }

    [Fact]
    public void A_source_that_lags_by_more_than_the_limit_is_left_out_until_it_is_back()
    {
        var ticks = new SourceTicks(Limit);
        ticks.Observe(At(0, 100));
        ticks.Observe(At(1, 100));
        Assert.False(ticks.Observe(At(0, 110)));
        Assert.True(ticks.Observe(At(0, 111)));
        Assert.Equal(Seconds(111), ticks.Watermark);
        Assert.True(ticks.IsLeftOut(TickSource.Ingest, 1));

        ticks.Observe(At(1, 105));
        Assert.False(ticks.IsLeftOut(TickSource.Ingest, 1));
        Assert.Equal(Seconds(111), ticks.Watermark);
        Assert.False(ticks.Observe(At(0, 114)));
        Assert.True(ticks.Observe(At(1, 113)));
    }

    [Fact]
    public void A_source_that_came_of_another_stands_where_that_one_stood()
    {
        var ticks = new SourceTicks(Limit);
        ticks.Observe(At(0, 100));
        ticks.Observe(At(1, 111));
        Assert.True(ticks.IsLeftOut(TickSource.Ingest, 0));

        Assert.False(ticks.Observe(new Tick(TickSource.Ingest, 3, 4, Seconds(112))));

        Assert.Equal(4, ticks.CountOf(TickSource.Ingest));
        Assert.Equal([true, false, true, false], Enumerable.Range(0, 4).Select(index => ticks.IsLeftOut(TickSource.Ingest, index)));
        Assert.True(ticks.Observe(new Tick(TickSource.Ingest, 1, 4, Seconds(112))));
        Assert.Equal(Seconds(112), ticks.Watermark);
    }

    [Fact]
    public void A_source_that_never_spoke_is_left_out_after_the_limit()
    {
        var ticks = new SourceTicks(Limit);
        Assert.False(ticks.Observe(At(0, 100)));
        Assert.False(ticks.Observe(At(0, 110)));
        Assert.True(ticks.Observe(At(0, 111)));
    }

    [Fact]
    public void A_tick_that_goes_back_changes_nothing()
    {
        var ticks = new SourceTicks(null);
        ticks.Observe(At(0, 100));
        ticks.Observe(At(1, 100));
        Assert.False(ticks.Observe(At(0, 50)));
        Assert.Equal(Seconds(100), ticks.Watermark);
    }

    private static Tick At(int index, long seconds) => new(TickSource.Ingest, index, 2, Seconds(seconds));

    private static EventTime Seconds(long seconds) => EventTime.FromUnixSeconds(seconds);
}
