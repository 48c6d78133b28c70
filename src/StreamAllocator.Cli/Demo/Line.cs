using Spectre.Console;
using Spectre.Console.Rendering;

namespace StreamAllocator.Cli.Demo;

/// <summary>One line of the terminal, whatever its width: what goes beyond is cut.</summary>
/// <param name="markup">Text in Spectre's markup.</param>
internal sealed class Line(string markup) : IRenderable
{
    /// <summary>No text is laid out wider, so nothing is wrapped.</summary>
    private const int Unbounded = 2000;

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var segments = ((IRenderable)new Markup(markup)).Render(options, Unbounded).ToList();
        return Segment.CellCount(segments) <= maxWidth ? segments : [.. Segment.Truncate(segments, maxWidth - 1), new Segment("…")];
    }
}
