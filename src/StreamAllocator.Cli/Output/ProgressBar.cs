using Spectre.Console;

namespace StreamAllocator.Cli.Output;

/// <summary>A bar on the error stream's terminal, so that results can be piped; without a terminal, nothing.</summary>
internal static class ProgressBar
{
    /// <param name="work">Is given what takes the share that is done, 0 to 1; it may be called from any thread, and less than before is passed over.</param>
    public static T Show<T>(string what, Func<Action<double>, T> work) =>
        Console.IsErrorRedirected ? work(_ => { }) : OnErrorStream().Start(context => Follow(context, what, work));

    public static Task Show(string what, Func<Action<double>, Task> work) => Console.IsErrorRedirected
        ? work(_ => { })
        : OnErrorStream().StartAsync(async context =>
        {
            var bar = context.AddTask(what, maxValue: 1);
            await work(share => Move(bar, share));
            bar.Value = 1;
        });

    private static T Follow<T>(ProgressContext context, string what, Func<Action<double>, T> work)
    {
        var bar = context.AddTask(what, maxValue: 1);
        var result = work(share => Move(bar, share));
        bar.Value = 1;
        return result;
    }

    private static void Move(ProgressTask bar, double share)
    {
        if (share > bar.Value)
            bar.Value = share;
    }

    private static Progress OnErrorStream() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Progress();
}
