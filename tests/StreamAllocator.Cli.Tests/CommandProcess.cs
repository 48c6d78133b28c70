using System.Diagnostics;

namespace StreamAllocator.Cli.Tests;

/// <summary>The built command, run as a user runs it, in an empty folder.</summary>
internal static class CommandProcess
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "streamallocator.dll");

    public static (int Exit, string Output, string Errors) Run(DirectoryInfo folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    public static Process Start(DirectoryInfo folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(Assembly);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
