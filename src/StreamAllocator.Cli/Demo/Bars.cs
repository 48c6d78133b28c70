namespace StreamAllocator.Cli.Demo;

/// <summary>Bars of block characters, as markup.</summary>
internal static class Bars
{
    /// <summary>A share of 0 to 1; above 0.95 it is red.</summary>
    public static string Share(double share, int width)
    {
        var full = (int)Math.Round(Math.Clamp(share, 0, 1) * width);
        return $"[{(share > 0.95 ? "red" : "blue")}]{new string('█', full)}[/][grey]{new string('·', width - full)}[/]";
    }

    /// <summary>
    /// Demand against a size on one scale: used █, what the forecast adds up to its q90 ▒, what the size adds beyond that ░. Demand above the
    /// size is red.
    /// </summary>
    /// <param name="scale">Full width stands for it.</param>
    public static string Demand(double used, double expected, double allocated, double scale, int width)
    {
        var fill = Cells(used);
        var forecast = Math.Max(fill, Cells(expected));
        var size = Cells(allocated);
        var colour = used >= 0.95 * allocated ? "red" : "blue";
        return $"[{colour}]{new string('█', fill)}[/]"
            + $"[{(expected > allocated ? "red" : "yellow")}]{new string('▒', forecast - fill)}[/]"
            + $"[green]{new string('░', Math.Max(0, size - forecast))}[/]"
            + $"[grey]{new string('·', width - Math.Max(size, forecast))}[/]";

        int Cells(double value) => double.IsNaN(value) ? 0 : (int)Math.Round(Math.Clamp(value / scale, 0, 1) * width);
    }
}
