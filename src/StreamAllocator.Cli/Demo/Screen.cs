using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using StreamAllocator.Backtest.Baselines;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Decisions;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>One frame of the live view, as tall as the terminal: what does not fit is left out from the bottom of each part.</summary>
internal sealed class Screen(
    Picture picture, Fleet fleet, WorldTotals? totals, string source, string pace, Uri api, IReadOnlyList<string> notices) : IRenderable
{
    /// <summary>Header, column names, pools, totals: lines that are always there.</summary>
    private const int FixedLines = 13;
    private const int ForeseenLines = 5;
    private const int NarrowWidth = 130;

    private readonly DecisionOptions _rules = new();

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        picture.Look((now, vms, changes, foreseen) =>
        {
            var height = options.Height ?? Console.WindowHeight;
            var room = Math.Max(3, height - FixedLines - notices.Count);
            var shownForeseen = Math.Min(ForeseenLines, Math.Max(1, room / 5));
            var shownVms = Math.Min(vms.Count, room - shownForeseen - 1);
            var shownChanges = Math.Max(1, room - shownForeseen - shownVms);
            var parts = new List<IRenderable>
            {
                Line($"[bold]StreamAllocator demo[/]  [bold yellow]{now.ToDateTimeOffset():ddd yyyy-MM-dd HH:mm}[/]  day {(now - fleet.Start).TotalDays + 1:0}, speed {pace}   API [link]{api}[/]   [grey]Ctrl-C ends[/]"),
                Line($"[grey]{Markup.Escape(source)}[/]"),
                new VmRows(vms, shownVms, maxWidth >= NarrowWidth),
                new Rows(PoolLines(vms)),
                Totals(),
                Line($"[bold]Rises foreseen[/]"),
                Lines(foreseen, shownForeseen, maxWidth, "green"),
                Line($"[bold]Decisions, the newest first[/] [grey](GET /v1/vms/ID/decisions explains each)[/]"),
                Lines(changes, shownChanges, maxWidth, "default"),
            };
            parts.AddRange(notices.Select(notice => Line($"[red]{Markup.Escape(notice)}[/]")));
            return ((IRenderable)new Rows(parts)).Render(options, maxWidth).ToList();
        });

    private static Markup Line(FormattableString markup) => new Markup(markup.ToString(CultureInfo.InvariantCulture)).Overflow(Overflow.Ellipsis);

    /// <summary>The newest first; as many lines as were promised, so that nothing jumps.</summary>
    private static Rows Lines(IReadOnlyCollection<string> lines, int count, int width, string colour)
    {
        var newest = lines.Reverse().Take(count)
            .Select(line => (IRenderable)new Text(line.Length <= width ? line : $"{line.AsSpan(0, width - 1)}…", Style.Parse(colour)))
            .ToList();
        while (newest.Count < count)
            newest.Add(new Text(" "));
        return new Rows(newest);
    }

    private IEnumerable<IRenderable> PoolLines(IReadOnlyCollection<VmPicture> vms)
    {
        foreach (var pool in fleet.Hosts.GroupBy(host => host.PoolId))
        {
            var members = vms.Where(vm => vm.Spec.PoolId == pool.Key).ToList();
            var (cores, gib) = (pool.Sum(host => host.Capacity.CpuCores), pool.Sum(host => host.Capacity.MemoryGib));
            var (usedCores, usedGib) = (members.Sum(vm => vm.Allocated.CpuCores), members.Sum(vm => vm.Allocated.MemoryGib));
            var reserve = members.Any(vm => vm.Spec.Priority == Priority.Critical) ? _rules.ReserveShare : 0;
            yield return Line(
                $"[bold]{pool.Key}[/] {Bars.Share(usedCores / cores, 24)} {usedCores:0.0} of {cores:0} cores, {usedGib:0.0} of {gib:0} GiB granted on {pool.Count()} hosts; its {members.Count} VMs are provisioned with {members.Sum(vm => vm.Spec.Provisioned.CpuCores):0} cores{(reserve > 0 ? FormattableString.Invariant($"; {reserve * cores:0.0} reserved") : "")}");
        }
    }

    private Table Totals()
    {
        var table = new Table().Border(TableBorder.None).Collapse();
        foreach (var name in new[] { "[bold]same demand, so far[/]", "CPU granted", "CPU short", "memory granted", "memory short", "resizes" })
            table.AddColumn(new TableColumn(name).NoWrap().PadRight(3));
        if (totals is not { Samples: > 0 } known)
            return table.AddEmptyRow().AddEmptyRow().AddEmptyRow();
        table.AddRow(
            "[green]StreamAllocator[/]", P(known.Cpu.Footprint), P2(known.Cpu.ViolationRate), P(known.Memory.Footprint), P2(known.Memory.ViolationRate),
            known.Resizes.ToString(CultureInfo.InvariantCulture));
        AddBaseline(table, $"mean + {new MeanDeviationOptions().Deviations:0}σ of the last day", known.MeanDeviation);
        AddBaseline(table, "as provisioned", known.AsProvisioned);
        return table;
    }

    private static void AddBaseline(Table table, string name, BaselineTotals totals) => table.AddRow(
        name, P(totals.Cpu.Footprint), P2(totals.Cpu.ViolationRate), P(totals.Memory.Footprint), P2(totals.Memory.ViolationRate),
        (totals.Cpu.Resizes + totals.Memory.Resizes).ToString(CultureInfo.InvariantCulture));

    private static string P(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private static string P2(double share) => share.ToString("P2", CultureInfo.InvariantCulture);
}
