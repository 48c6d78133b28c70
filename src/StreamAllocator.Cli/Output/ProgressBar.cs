using Spectre.Console;

namespace StreamAllocator.Cli.Output;

/// <summary>A bar on the error stream's terminal, so that results can be piped; without a terminal, nothing.</summary>
internal static class ProgressBar
{
    /// <param name="work">Is given what takes the share that is done, 0 to 1.</param>
    public static T Show<T>(string what, Func<Action<double>, T> work)
    {
        if (Console.IsErrorRedirected)
            return work(_ => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress().Start(context =>
        {
            var bar = context.AddTask(what, maxValue: 1);
            var result = work(share => bar.Value = share);
            bar.Value = 1;
            return result;
        });
    }
}
