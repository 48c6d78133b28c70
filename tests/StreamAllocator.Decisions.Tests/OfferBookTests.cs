using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>What is bought when the pool is full: the pool has 4 cores, the VM holds them and wants 8.</summary>
public sealed class OfferBookTests
{
    private static Decision Choose(Priority priority, params Offer[] offers) => Full(priority, offers).RoundOf("vm");

    private static PoolWorld Full(Priority priority, params Offer[] offers)
    {
        var world = new PoolWorld(cores: 4).Vm("vm", priority);
        foreach (var offer in offers)
            world.Planner.Apply(offer);
        return world.Forecast("vm", usage: 1, mean: 8, tail: 8);
    }

    [Fact]
    public void The_cheapest_offer_that_fits_is_chosen()
    {
        var decision = Choose(
            Priority.Normal,
            PoolWorld.OfferOf("a-dear", 0.10),
            PoolWorld.OfferOf("b-small", 0.01, cores: 6),
            PoolWorld.OfferOf("c-cheap", 0.05),
            PoolWorld.OfferOf("d-foreign", 0.01, currency: "EUR"));

        Assert.Equal((DecisionKind.Up, DecisionReason.OfferChosen, "c-cheap"), (decision.Kind, decision.Reason, decision.OfferId));
        Assert.Equal(("c-cheap", 8.0), (decision.Command!.Placement, decision.Command.Target.CpuCores));
        Assert.Equal(0.4f, decision.ValueOf(DecisionStepKind.Price, Resource.Cpu), 1e-6f);
    }

    [Fact]
    public void An_offer_is_not_bought_while_the_pool_can_serve()
    {
        var world = new PoolWorld(cores: 8).Vm("vm");
        world.Planner.Apply(PoolWorld.OfferOf("free", 0));

        var decision = world.Forecast("vm", usage: 1, mean: 8, tail: 8).RoundOf("vm");

        Assert.Equal((DecisionKind.Up, ""), (decision.Kind, decision.OfferId));
    }

    [Theory]
    [InlineData(Priority.Critical, 0, "b-on-demand")]
    [InlineData(Priority.Normal, 0, "a-spot")]
    [InlineData(Priority.Normal, 0.06, "b-on-demand")]
    [InlineData(Priority.Low, 0.06, "a-spot")]
    public void Spot_is_for_those_who_can_bear_its_interruptions_and_never_for_critical(Priority priority, double interruptions, string expected)
    {
        var decision = Choose(
            priority, PoolWorld.OfferOf("a-spot", 0.01, spot: true, interruptions: interruptions), PoolWorld.OfferOf("b-on-demand", 0.1));

        Assert.Equal(expected, decision.OfferId);
    }

    [Fact]
    public void Critical_is_denied_rather_than_put_on_spot()
    {
        Assert.Equal(DecisionKind.Denied, Choose(Priority.Critical, PoolWorld.OfferOf("a-spot", 0.01, spot: true)).Kind);
    }

    [Fact]
    public void The_cost_of_the_move_counts()
    {
        // 8 cores: 0.40 per hour, against 0.32 and 0.10 for the move over 24 hours.
        Assert.Equal("a-near", Choose(Priority.Normal, PoolWorld.OfferOf("a-near", 0.05), PoolWorld.OfferOf("b-far", 0.04, moveCost: 2.4)).OfferId);
    }

    [Theory]
    [InlineData(0.048, "b-first")]
    [InlineData(0.044, "a-second")]
    public void Another_offer_must_be_cheaper_by_more_than_the_hysteresis(double secondPrice, string expected)
    {
        var world = Full(Priority.Normal, PoolWorld.OfferOf("b-first", 0.05));
        var first = world.RoundOf("vm");
        world.Executed(first.Command!, new VmSize(4, 8), AllocationOutcome.Failed).Pass(2);
        world.Planner.Apply(PoolWorld.OfferOf("a-second", secondPrice));

        Assert.Equal(expected, world.Forecast("vm", usage: 1, mean: 8, tail: 8).RoundOf("vm").OfferId);
    }

    [Fact]
    public void A_vm_that_moved_frees_the_pool_and_grows_on_its_offer()
    {
        var world = Full(Priority.Normal, PoolWorld.OfferOf("cloud", 0.05, cores: 12));
        var bought = world.RoundOf("vm");
        world.Applied(bought, hostId: "cloud").Pass(3).Vm("other", cores: 1);

        Assert.Equal(4, world.Forecast("other", usage: 1, mean: 4, tail: 4).RoundOf("other").Target.CpuCores);
        var grown = world.Forecast("vm", usage: 4, mean: 12, tail: 12).RoundOf("vm");
        Assert.Equal((12.0, ""), (grown.Target.CpuCores, grown.Command!.Placement));
    }

    [Fact]
    public void Two_vms_do_not_buy_the_same_capacity()
    {
        var world = Full(Priority.Normal, PoolWorld.OfferOf("cloud", 0.05, cores: 12)).Vm("vm-2");

        var decisions = world.Forecast("vm-2", usage: 1, mean: 8, tail: 8).Round();

        Assert.Equal(["cloud", ""], decisions.Select(decision => decision.OfferId));
    }
}
