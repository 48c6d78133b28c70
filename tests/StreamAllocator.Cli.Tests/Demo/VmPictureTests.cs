using StreamAllocator.Cli.Demo;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Tests.Demo;

public sealed class VmPictureTests
{
    private static readonly EventTime Noon = EventTime.FromUnixSeconds(1483272000);

    private readonly VmPicture _vm = new(new VmSpec("a", "p", new VmSize(4, 16), new VmSize(0.1, 0.1), new VmSize(8, 32), Priority.Normal));

    [Fact]
    public void A_growth_that_later_demand_needed_is_told_once()
    {
        _vm.Grown(Noon, 2, 3.1);

        Assert.Null(_vm.Foreseen(Noon + TimeSpan.FromMinutes(10), 1.9));
        Assert.Equal(
            "a: raised 2.00 → 3.10, 25 min before demand rose to 2.90", _vm.Foreseen(Noon + TimeSpan.FromMinutes(25), 2.9));
        Assert.Null(_vm.Foreseen(Noon + TimeSpan.FromMinutes(30), 2.9));
    }

    [Fact]
    public void A_growth_in_the_window_of_the_rise_was_no_foresight()
    {
        _vm.Grown(Noon, 2, 3.1);

        Assert.Null(_vm.Foreseen(Noon, 2.9));
    }

    [Fact]
    public void A_growth_of_long_ago_is_not_about_this_rise()
    {
        _vm.Grown(Noon, 2, 3.1);

        Assert.Null(_vm.Foreseen(Noon + TimeSpan.FromMinutes(75), 2.9));
    }

    [Fact]
    public void A_rise_within_a_twentieth_of_the_former_size_is_not_told()
    {
        _vm.Grown(Noon, 2, 3.1);

        Assert.Null(_vm.Foreseen(Noon + TimeSpan.FromMinutes(25), 2.05));
    }
}
