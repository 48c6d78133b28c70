using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace StreamAllocator.Cli.Demo;

/// <summary>A line per VM: CPU used now, the forecast, the size of what it was provisioned with, a bar of the three; memory and the last change where there is room.</summary>
internal sealed class VmRows(IReadOnlyCollection<VmPicture> vms, int shown, bool isWide) : IRenderable
{
    private const int NameWidth = 13;
    private const int FixedNarrow = 49;
    private const int WideBar = 30;

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var bar = isWide ? WideBar : Math.Max(4, maxWidth - FixedNarrow);
        var lines = new List<IRenderable> { new Line(Head(bar)) };
        foreach (var vm in vms.Take(shown))
            lines.Add(new Line(isWide ? Wide(vm) : Narrow(vm, bar)));
        return ((IRenderable)new Rows(lines)).Render(options, maxWidth);
    }

    private string Head(int bar)
    {
        const string Keys = "cores: █ used ▒ q90 ░ granted";
        var name = shown < vms.Count ? Invariant($"VM ({shown} of {vms.Count})") : "VM";
        var keys = bar < Keys.Length ? new string(' ', bar) : $"cores: [blue]█[/] used [yellow]▒[/] q90 [green]░[/] granted{new string(' ', bar - Keys.Length)}";
        return isWide
            ? $"[bold]{name,-NameWidth}{"used",6}  {"in 15 min",11}{"q90",8}  {"in 60 min",11}{"q90",8}  {"granted of",13}[/]  {keys}  [bold]GiB used/granted[/]"
            : $"[bold]{name,-NameWidth}{"used",6}  {"in 1 h",6}  {"q90",6}  {"granted of",10}[/]  {keys}";
    }

    private static string Wide(VmPicture vm)
    {
        var bar = Bar(vm, WideBar);
        return Invariant($"{Name(vm)}{Number(vm.CpuUsed),6}  {Text(vm.NextQuarter),19}  {Text(vm.NextHour),19}  {vm.Allocated.CpuCores,7:0.00}[grey] of {vm.Spec.Provisioned.CpuCores,2:0}[/]  {bar}  {Number(vm.MemoryUsed),6} / {vm.Allocated.MemoryGib,-6:0.00} [grey]{Markup.Escape(vm.LastChange)}[/]");
    }

    private static string Narrow(VmPicture vm, int bar) => Invariant(
        $"{Name(vm)}{Number(vm.CpuUsed),6}  {Number(vm.NextHour.Mean),6}  {Number(vm.NextHour.Q90),6}  {vm.Allocated.CpuCores,5:0.00}[grey] of {vm.Spec.Provisioned.CpuCores,1:0}[/]  {Bar(vm, bar)}");

    private static string Bar(VmPicture vm, int width) =>
        Bars.Demand(vm.CpuUsed, vm.NextHour.Q90, vm.Allocated.CpuCores, Math.Max(vm.Spec.Provisioned.CpuCores, vm.Allocated.CpuCores), width);

    private static string Name(VmPicture vm) => Markup.Escape(Crop(vm.Spec.VmId, NameWidth - 1).PadRight(NameWidth));

    private static string Text(Expectation expectation) => Invariant($"{Number(expectation.Mean),8}  {Number(expectation.Q90),6}");

    private static string Number(float value) => float.IsNaN(value) ? "–" : value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Crop(string text, int width) => width < 2 ? "" : text.Length <= width ? text : $"{text.AsSpan(0, width - 1)}…";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
