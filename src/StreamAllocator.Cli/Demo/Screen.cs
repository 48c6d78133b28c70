using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using StreamAllocator.Backtest.World;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Decisions;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Demo;

/// <summary>One frame of the live view, as tall as the terminal: what does not fit is left out from the bottom of each part.</summary>
internal sealed class Screen(
    Picture picture, Fleet fleet, WorldTotals? totals, string source, string pace, Uri api, IReadOnlyList<string> notices) : IRenderable
{
    /// <summary>Two heads, the column names of the VMs, two headings: lines that are always there, beside pools and totals.</summary>
    private const int FixedLines = 5;
    private const int ForeseenLines = 5;
    private const int WideWidth = 130;

    private readonly DecisionOptions _rules = new();

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        picture.Look((now, vms, changes, foreseen) =>
        {
            var pools = PoolLines(vms, maxWidth >= WideWidth).ToList();
            // One line stays free: a full screen would scroll.
            var height = options.ConsoleSize.Height - 1;
            var room = Math.Max(3, height - FixedLines - pools.Count - TotalRows.Count - notices.Count);
            var shownForeseen = Math.Min(ForeseenLines, Math.Max(1, room / 5));
            var shownVms = Math.Max(1, Math.Min(vms.Count, room - (2 * shownForeseen)));
            var shownChanges = Math.Max(1, room - shownForeseen - shownVms);
            List<IRenderable> parts =
            [
                Of($"[bold]StreamAllocator demo[/]  [bold yellow]{now.ToDateTimeOffset():ddd yyyy-MM-dd HH:mm}[/]  day {1 + (int)(now - fleet.Start).TotalDays}, {pace}"),
                Of($"API [link]{api}[/]  [bold]Ctrl-C ends[/]  [grey]{Markup.Escape(source)}[/]"),
                new VmRows(vms, shownVms, maxWidth >= WideWidth),
                .. pools,
                .. TotalRows.Of(totals),
                Of($"[bold]Rises foreseen[/] [grey](the size was raised before the demand rose; in cores)[/]"),
                .. Newest(foreseen, shownForeseen, "green"),
                Of($"[bold]Decisions, the newest first[/] [grey]('streamallocator explain VM' tells all of one)[/]"),
                .. Newest(changes, shownChanges, "default"),
                .. notices.Select(notice => Of($"[red]{Markup.Escape(notice)}[/]")),
            ];
            return ((IRenderable)new Rows(parts)).Render(options, maxWidth).ToList();
        });

    private static Line Of(FormattableString markup) => new(markup.ToString(CultureInfo.InvariantCulture));

    /// <summary>The newest first; as many lines as were promised, so that nothing jumps.</summary>
    private static IEnumerable<Line> Newest(IReadOnlyCollection<string> lines, int count, string colour) => lines.Reverse()
        .Select(line => new Line($"[{colour}]{Markup.Escape(line)}[/]"))
        .Concat(Enumerable.Repeat(new Line(" "), count))
        .Take(count);

    private IEnumerable<Line> PoolLines(IReadOnlyCollection<VmPicture> vms, bool isWide)
    {
        foreach (var pool in fleet.Hosts.GroupBy(host => host.PoolId))
        {
            var members = vms.Where(vm => vm.Spec.PoolId == pool.Key).ToList();
            var (cores, gib) = (pool.Sum(host => host.Capacity.CpuCores), pool.Sum(host => host.Capacity.MemoryGib));
            var (grantedCores, grantedGib) = (members.Sum(vm => vm.Allocated.CpuCores), members.Sum(vm => vm.Allocated.MemoryGib));
            var reserve = members.Any(vm => vm.Spec.Priority == Priority.Critical) ? _rules.ReserveShare : 0;
            yield return Of(
                $"[bold]{pool.Key}[/] {Bars.Share(grantedCores / cores, isWide ? 24 : 8)} {grantedCores:0.0} of {cores:0} cores, {grantedGib:0.0} of {gib:0} GiB granted; {members.Count} VMs on {pool.Count()} hosts{(isWide ? FormattableString.Invariant($", provisioned with {members.Sum(vm => vm.Spec.Provisioned.CpuCores):0} cores{(reserve > 0 ? FormattableString.Invariant($"; {reserve * cores:0.0} reserved") : "")}") : "")}");
        }
    }
}
