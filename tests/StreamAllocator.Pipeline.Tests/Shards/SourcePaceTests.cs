using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Tests.Shards;

/// <summary>Windows of 100 ms, a lead of three, a lag limit of six.</summary>
public sealed class SourcePaceTests
{
    private static readonly PaceOptions Options = new()
    {
        Topic = "telemetry",
        Ticks = new TopicPartition("vm-inputs", 0),
        Source = TickSource.Ingest,
        Window = TimeSpan.FromMilliseconds(100),
        LeadWindows = 3,
        LagWindows = 6,
    };

    private readonly SourcePace _pace = new(Options, sources: 3);

    [Fact]
    public void Alone_a_source_has_no_limit()
    {
        Tick(0, 5_000);
        Assert.Null(_pace.LimitOf(0));
        Assert.False(_pace.IsHeld(0));
        Assert.Equal(new EventTime(9_000), _pace.Present(0, new EventTime(9_000)));
    }

    [Fact]
    public void A_source_is_held_once_it_is_more_than_the_lead_ahead_of_the_slowest()
    {
        Tick(0, 5_300);
        Tick(1, 5_000);
        Tick(2, 5_200);
        Assert.False(_pace.IsHeld(0));
        Tick(0, 5_301);
        Assert.Equal([true, false, false], Held());
        Assert.Equal(new EventTime(5_300), _pace.LimitOf(0));
        Assert.Equal(new EventTime(5_300), _pace.Present(0, new EventTime(9_000)));
        Assert.Equal(new EventTime(5_500), _pace.LimitOf(1));
    }

    [Fact]
    public void Nobody_waits_for_a_source_that_does_not_move_and_all_do_again_when_it_does()
    {
        Tick(0, 5_400);
        Tick(1, 5_000);
        _pace.Wait(TimeSpan.FromSeconds(59));
        Assert.True(_pace.IsHeld(0));
        _pace.Wait(TimeSpan.FromSeconds(1));
        Assert.False(_pace.IsHeld(0));
        Tick(1, 5_001);
        Assert.True(_pace.IsHeld(0));
    }

    [Fact]
    public void A_source_beyond_the_lag_limit_is_not_waited_for()
    {
        Tick(1, 5_000);
        Tick(0, 5_600);
        Assert.True(_pace.IsHeld(0));
        Tick(0, 5_601);
        Assert.False(_pace.IsHeld(0));
    }

    /// <summary>
    /// <code>
    ///          │ 4900 │ 5000 │ 5100 │
    ///  source     1     0       2
    /// </code>
    /// </summary>
    [Fact]
    public void The_earliest_begin_first_and_the_others_as_they_are_reached()
    {
        _pace.Expect(0, new EventTime(5_010));
        _pace.Expect(1, new EventTime(4_950));
        _pace.Expect(2, new EventTime(5_150));
        Assert.Equal([true, false, true], Held());
        Assert.Equal(new EventTime(4_910), _pace.LimitOf(1));
        Tick(1, 4_940);
        Assert.Equal([false, true, true], Held());
        Tick(0, 5_000);
        Assert.Equal([false, false, false], Held());
        Tick(2, 5_140);
        Assert.Equal([false, false, false], Held());
    }

    [Fact]
    public void Those_that_begin_in_the_same_window_begin_together()
    {
        _pace.Expect(0, new EventTime(5_010));
        _pace.Expect(1, new EventTime(5_090));
        Assert.Equal([false, false, false], Held());
    }

    [Fact]
    public void With_nothing_to_read_a_source_lets_those_begin_that_have()
    {
        _pace.Expect(1, new EventTime(5_000));
        Assert.Null(_pace.Present(0, new EventTime(9_000)));
        Tick(1, 5_000);
        Assert.Equal(new EventTime(5_300), _pace.Present(0, new EventTime(9_000)));
    }

    [Fact]
    public void A_source_of_which_nothing_can_be_told_is_waited_for_and_may_itself_begin()
    {
        Tick(0, 5_000);
        _pace.Expect(1, EventTime.Unknown);
        Assert.Equal([true, false, false], Held());
        _pace.Wait(TimeSpan.FromMinutes(1));
        Assert.Equal([false, false, false], Held());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_those_that_have_something_to_read_one_is_never_held(int seed)
    {
        var random = new Random(seed);
        for (var trial = 0; trial < 1_000; trial++)
        {
            var pace = new SourcePace(Options, 4);
            for (var source = 0; source < 4; source++)
            {
                var time = new EventTime(random.Next(0, 1_500));
                if (random.Next(2) == 0)
                    pace.Hear(source, time);
                else
                    pace.Expect(source, random.Next(5) == 0 ? EventTime.Unknown : time);
            }

            Assert.True(Enumerable.Range(0, 4).Any(source => !pace.IsHeld(source)), $"seed {seed}, trial {trial}: all are held");
        }
    }

    private bool[] Held() => [.. Enumerable.Range(0, 3).Select(_pace.IsHeld)];

    private void Tick(int source, long time) => _pace.Hear(source, new EventTime(time));
}
