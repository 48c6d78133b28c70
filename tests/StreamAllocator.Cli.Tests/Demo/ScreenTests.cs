using Spectre.Console;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Demo;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Cli.Tests.Demo;

public sealed class ScreenTests
{
    private static readonly EventTime Start = EventTime.From(new DateTimeOffset(2017, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly Fleet Fleet = Fleet.Of(
        Enumerable.Range(0, 20).Select(vm => ($"a-vm-with-a-long-name-{vm:00}", new VmSize(8, 32))), pools: 2, Start, slack: 0.9);

    [Theory]
    [InlineData(60, 20)]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(160, 60)]
    public void A_frame_fits_the_terminal_and_says_where_the_API_is_and_how_to_end(int width, int height)
    {
        var lines = Frame(width, height, "careful");

        Assert.Equal(height - 1, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.StartsWith("API http://127.0.0.1:8080/  Ctrl-C ends", lines[1], StringComparison.Ordinal);
        Assert.Contains("2017-01-01 00:00  day 1", lines[0], StringComparison.Ordinal);
        Assert.Contains("careful", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_counted() =>
        Assert.Contains(Frame(80, 24), line => line.StartsWith("VM (7 of 20)", StringComparison.Ordinal));

    private static string[] Frame(int width, int height, params string[] notices)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        (console.Profile.Width, console.Profile.Height) = (width, height);
        var picture = new Picture(new Topics(), Fleet, Start);
        console.Write(new Screen(picture, Fleet, null, new string('s', 200), "4320× real time", new Uri("http://127.0.0.1:8080"), notices));
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
