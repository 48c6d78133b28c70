using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;
using WireTick = StreamAllocator.Pipeline.Wire.Tick;

namespace StreamAllocator.Pipeline.Tests.Tasks;

public sealed class SourceTicksTests
{
    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);

    [Fact]
    public void The_watermark_is_the_smallest_of_the_newest_ticks()
    {
        var ticks = new SourceTicks(null);

        Assert.False(ticks.Observe(Ingest(10, index: 0, count: 2)));
        Assert.True(ticks.Observe(Ingest(5, index: 1, count: 2)));
        Assert.Equal(Minute(5), ticks.Watermark);
    }

    [Fact]
    public void A_source_that_lags_by_more_than_the_limit_is_left_out_until_it_is_back()
    {
        var ticks = new SourceTicks(HalfAnHour);
        ticks.Observe(Ingest(5, index: 0, count: 2));
        ticks.Observe(Ingest(5, index: 1, count: 2));

        ticks.Observe(Ingest(35, index: 0, count: 2));
        Assert.Equal(Minute(5), ticks.Watermark);
        ticks.Observe(Ingest(36, index: 0, count: 2));
        Assert.Equal(Minute(36), ticks.Watermark);
        ticks.Observe(Ingest(37, index: 1, count: 2));
        Assert.Equal(Minute(36), ticks.Watermark);
        ticks.Observe(Ingest(40, index: 0, count: 2));
        Assert.Equal(Minute(37), ticks.Watermark);
    }

    [Fact]
    public void A_trainers_promise_alone_moves_no_time()
    {
        var ticks = Expecting(null);

        Assert.False(ticks.Observe(Train(60)));
        Assert.Equal(EventTime.Unknown, ticks.Watermark);
        ticks.Observe(Ingest(5));
        Assert.Equal(Minute(5), ticks.Watermark);
    }

    [Fact]
    public void A_driven_run_waits_for_the_trainer_and_never_runs_past_its_promise()
    {
        var ticks = Expecting(null);

        ticks.Observe(Ingest(5));
        Assert.Equal(EventTime.Unknown, ticks.Watermark);
        ticks.Observe(Train(60));
        Assert.Equal(Minute(5), ticks.Watermark);
        ticks.Observe(Ingest(600));
        Assert.Equal(Minute(60), ticks.Watermark);
    }

    [Fact]
    public void A_promise_an_hour_ahead_does_not_make_the_telemetry_lag()
    {
        var ticks = Expecting(HalfAnHour);
        ticks.Observe(Ingest(5));

        ticks.Observe(Train(65));
        Assert.Equal(Minute(5), ticks.Watermark);
        Assert.False(ticks.IsLeftOut(TickSource.Ingest, 0));
        ticks.Observe(Ingest(10));
        Assert.Equal(Minute(10), ticks.Watermark);
    }

    [Fact]
    public void Live_a_trainer_that_has_not_spoken_or_died_is_not_waited_for()
    {
        var ticks = Expecting(HalfAnHour);

        ticks.Observe(Ingest(5));
        Assert.Equal(Minute(5), ticks.Watermark);
        ticks.Observe(Train(65));
        ticks.Observe(Ingest(80));
        Assert.Equal(Minute(65), ticks.Watermark);
        ticks.Observe(Ingest(96));
        Assert.Equal(Minute(96), ticks.Watermark);
    }

    private static SourceTicks Expecting(TimeSpan? lagLimit)
    {
        var ticks = new SourceTicks(lagLimit);
        ticks.Expect(TickSource.Train, 1);
        return ticks;
    }

    private static WireTick Ingest(int minute, int index = 0, int count = 1) => new(TickSource.Ingest, index, count, Minute(minute));

    private static WireTick Train(int minute) => new(TickSource.Train, 0, 1, Minute(minute));

    private static EventTime Minute(int minute) => new(minute * 60_000L);
}
