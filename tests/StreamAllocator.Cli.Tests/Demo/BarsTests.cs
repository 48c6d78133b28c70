using StreamAllocator.Cli.Demo;

namespace StreamAllocator.Cli.Tests.Demo;

public sealed class BarsTests
{
    [Fact]
    public void Used_forecast_and_size_share_one_scale()
    {
        Assert.Equal("[blue]██[/][yellow]▒▒[/][green]░░[/][grey]··[/]", Bars.Demand(2, 4, 6, scale: 8, width: 8));
    }

    [Fact]
    public void Demand_at_the_size_and_a_forecast_above_it_are_red()
    {
        Assert.Equal("[red]████[/][red]▒▒[/][green][/][grey]··[/]", Bars.Demand(4, 6, 4, scale: 8, width: 8));
    }

    [Fact]
    public void Nothing_known_is_nothing_shown()
    {
        Assert.Equal("[blue][/][yellow][/][green]░░░░[/][grey]····[/]", Bars.Demand(double.NaN, double.NaN, 4, scale: 8, width: 8));
    }
}
