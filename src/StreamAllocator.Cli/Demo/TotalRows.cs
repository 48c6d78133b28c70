using System.Globalization;
using Spectre.Console.Rendering;
using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Backtest.World;

namespace StreamAllocator.Cli.Demo;

/// <summary>What the sizes cost and how often they were short, beside two baselines on the same demand. The last line says what the columns mean.</summary>
internal static class TotalRows
{
    public const int Count = 5;

    /// <param name="totals">Null or empty before the first sample: the lines are there, without figures.</param>
    public static IEnumerable<IRenderable> Of(WorldTotals? totals)
    {
        yield return new Line($"[bold]{"same demand, so far",-27}{"CPU granted",12}{"short",8}{"memory granted",16}{"short",8}{"resizes",9}[/]");
        if (totals is { Samples: > 0 } known)
        {
            yield return new Line($"[green]{Name("StreamAllocator")}[/]{Cost(known.Cpu.Footprint, known.Cpu.ViolationRate, known.Memory.Footprint, known.Memory.ViolationRate, known.Resizes)}");
            yield return new Line(Baseline($"mean + {new MeanDeviationOptions().Deviations:0}σ of the last day", known.MeanDeviation));
            yield return new Line(Baseline("as provisioned", known.AsProvisioned));
        }
        else
        {
            for (var row = 0; row < 3; row++)
                yield return new Line(" ");
        }

        yield return new Line("[grey]granted: share of the provisioned size; short: share of samples above the size[/]");
    }

    private static string Baseline(string name, BaselineTotals totals) => Name(name) + Cost(
        totals.Cpu.Footprint, totals.Cpu.ViolationRate, totals.Memory.Footprint, totals.Memory.ViolationRate, totals.Cpu.Resizes + totals.Memory.Resizes);

    private static string Name(string name) => name.PadRight(27);

    private static string Cost(double cpu, double cpuShort, double memory, double memoryShort, long resizes) => string.Create(
        CultureInfo.InvariantCulture, $"{cpu,12:P1}{cpuShort,8:P2}{memory,16:P1}{memoryShort,8:P2}{resizes,9}");
}
