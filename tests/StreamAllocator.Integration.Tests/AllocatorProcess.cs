using System.Diagnostics;

namespace StreamAllocator.Integration.Tests;

/// <summary>The built command as a process of its own.</summary>
internal static class AllocatorProcess
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "streamallocator.dll");

    /// <summary>Runs to the end and returns standard output; an exit code other than 0 fails the test with standard error.</summary>
    public static string Run(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {error.Result}");
        return output;
    }

    /// <summary>Runs for so long, then SIGKILL; false if the process had ended before.</summary>
    public static bool RunAndKill(IEnumerable<string> arguments, TimeSpan after, params (string Name, string Value)[] environment)
    {
        using var process = Start(arguments, environment);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (process.WaitForExit(after))
            return false;
        process.Kill();
        process.WaitForExit();
        return true;
    }

    /// <summary>SIGTERM; it must end by itself, well.</summary>
    public static async Task Stop(Process process)
    {
        using (var kill = Process.Start("bash", ["-c", FormattableString.Invariant($"kill -TERM {process.Id}")]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}");
    }

    /// <param name="folder">Where it runs; empty is here.</param>
    public static Process Start(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string folder = "")
    {
        var start = new ProcessStartInfo("dotnet", [Assembly, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }
}
