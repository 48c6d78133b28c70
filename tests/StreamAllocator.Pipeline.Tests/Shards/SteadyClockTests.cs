using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Pipeline.Tests.Shards;

public sealed class SteadyClockTests
{
    private static readonly EventTime Start = EventTime.FromUnixSeconds(1_754_000_000);

    private readonly Machine _machine = new();
    private readonly List<string> _reports = [];
    private readonly SteadyClock _clock;

    public SteadyClockTests() => _clock = new SteadyClock(_machine, _reports.Add);

    private TimeSpan Now => EventTime.From(_clock.GetUtcNow()) - Start;

    [Fact]
    public void Small_corrections_of_the_clock_are_followed_in_silence()
    {
        foreach (var step in new[] { 10, -20, 50, -59 })
        {
            _machine.Pass(TimeSpan.FromMinutes(1));
            _machine.Wall += TimeSpan.FromSeconds(step);
            Assert.Equal(_machine.Wall - Start, Now);
        }

        Assert.Empty(_reports);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void After_a_jump_time_goes_on_as_before_until_the_clock_is_back(int hours)
    {
        _machine.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), Now);
        _machine.Wall += TimeSpan.FromHours(hours);
        for (var minute = 2; minute < 40; minute++)
        {
            _machine.Pass(TimeSpan.FromMinutes(1));
            Assert.Equal(TimeSpan.FromMinutes(minute), Now);
            _clock.Hear(Start + Now - TimeSpan.FromSeconds(2));
        }

        _machine.Wall -= TimeSpan.FromHours(hours);
        Assert.Equal(TimeSpan.FromMinutes(39), Now);
        Assert.Equal(2, _reports.Count);
        Assert.Contains("01:00:00", _reports[0], StringComparison.Ordinal);
        Assert.Contains("is back", _reports[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_jump_that_the_records_agree_with_is_followed()
    {
        Jump(TimeSpan.FromHours(1));
        for (var vote = 1; vote < SteadyClock.VotesToFollow; vote++)
            _clock.Hear(_machine.Wall);
        Assert.Equal(TimeSpan.Zero, Now);

        _clock.Hear(_machine.Wall);

        Assert.Equal(TimeSpan.FromHours(1), Now);
        Assert.Equal(2, _reports.Count);
    }

    [Fact]
    public void One_source_with_the_same_error_does_not_outweigh_the_others()
    {
        Jump(TimeSpan.FromHours(1));
        for (var record = 0; record < 1000; record++)
            _clock.Hear(record % 3 == 0 ? _machine.Wall : Start);

        Assert.Equal(TimeSpan.Zero, Now);
    }

    [Fact]
    public void Records_of_another_time_do_not_count()
    {
        Jump(TimeSpan.FromHours(1));
        for (var record = 0; record < 1000; record++)
            _clock.Hear(record % 2 == 0 ? Start + TimeSpan.FromHours(9) : EventTime.Unknown);

        Assert.Equal(TimeSpan.Zero, Now);
    }

    private void Jump(TimeSpan by)
    {
        _machine.Wall += by;
        Assert.Equal(TimeSpan.Zero, Now);
    }

    /// <summary>A wall clock that can be set, beside one that only goes on.</summary>
    private sealed class Machine : TimeProvider
    {
        private long _passed;

        public EventTime Wall { get; set; } = Start;

        public override long TimestampFrequency => 1000;

        public void Pass(TimeSpan time)
        {
            _passed += (long)time.TotalMilliseconds;
            Wall += time;
        }

        public override long GetTimestamp() => _passed;

        public override DateTimeOffset GetUtcNow() => Wall.ToDateTimeOffset();
    }
}
