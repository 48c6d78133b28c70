using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Output;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>Shows the picture until it is told to end: redrawn in place on a terminal, else a plain line now and then.</summary>
internal sealed class DemoShow(
    Picture picture, Worlds worlds, Fleet fleet, string source, double speed, Uri api, Notices notices, bool isLive)
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(2);

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly EventTime _from = picture.Look((now, _, _, _) => now);

    public async Task Run(CancellationToken cancellation)
    {
        if (isLive)
        {
            // Begun anew when the terminal's size changes: a live display keeps the greatest height that it has had.
            while (!cancellation.IsCancellationRequested)
                await ShowAtThisSize(cancellation);
            return;
        }

        Console.WriteLine($"{source}; API {api}");
        Console.WriteLine(
            $"granted: share of the provisioned size; short: share of samples above the size; in brackets mean + {new MeanDeviationOptions().Deviations:0}σ of the last day on the same demand");
        while (await Pause(LineEvery, cancellation))
            PrintLine();
    }

    private async Task ShowAtThisSize(CancellationToken cancellation)
    {
        var size = (Console.WindowWidth, Console.WindowHeight);
        AnsiConsole.Clear();
        await AnsiConsole.Live(Draw()).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (await Pause(Redraw, cancellation) && size == (Console.WindowWidth, Console.WindowHeight))
                live.UpdateTarget(Draw());
            live.UpdateTarget(Draw());
        });
    }

    /// <summary>The last words.</summary>
    public void Close(bool goesOn)
    {
        if (!isLive)
            PrintLine();
        var now = picture.Look((now, _, _, _) => now);
        Console.WriteLine($"Ended at {now}.{(goesOn ? " The next start goes on from there." : "")}");
    }

    private static async Task<bool> Pause(TimeSpan pause, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(pause, cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private double Reached(EventTime now) => (now - _from) / Stopwatch.GetElapsedTime(_started);

    private Screen Draw()
    {
        var (now, newest) = (picture.Look((now, _, _, _) => now), notices.Newest);
        var pace = string.Create(CultureInfo.InvariantCulture, $"{Reached(now):0}× real time, {(speed > 0 ? $"{speed:0}× asked" : "as fast as it goes")}");
        return new Screen(picture, fleet, worlds.Totals, source, pace, api, newest);
    }

    private void PrintLine()
    {
        foreach (var line in picture.TakeForeseen())
            Console.WriteLine($"foreseen {line}");
        var now = picture.Look((now, _, _, _) => now);
        var totals = worlds.Totals is { Samples: > 0 } known ? $"; {Text(known)}" : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now}  {Reached(now):0}×{totals}"));
    }

    private static string Text(WorldTotals totals) => string.Create(
        CultureInfo.InvariantCulture,
        $"CPU granted {totals.Cpu.Footprint:P1} ({totals.MeanDeviation.Cpu.Footprint:P1}), short {totals.Cpu.ViolationRate:P2} "
        + $"({totals.MeanDeviation.Cpu.ViolationRate:P2}); memory granted {totals.Memory.Footprint:P1} ({totals.MeanDeviation.Memory.Footprint:P1}), short "
        + $"{totals.Memory.ViolationRate:P2} ({totals.MeanDeviation.Memory.ViolationRate:P2}); {totals.Resizes} resizes");
}
