using System.Diagnostics;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>The README is always true: the commands of its <c>sh</c> blocks run, from the repository's root, and end well.</summary>
public sealed class ReadmeTests
{
    private static readonly string Root = SharedFolder.RepositoryRoot();

    public static TheoryData<string> Commands => [.. Blocks().SelectMany(block => block)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_command_of_the_README_runs(string command)
    {
        // The installed command is what `make build` leaves; the tests run the same build.
        var line = command.Replace("artifacts/streamallocator", $"dotnet '{Path.Combine(AppContext.BaseDirectory, "streamallocator.dll")}'", StringComparison.Ordinal);
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", line])
        {
            WorkingDirectory = Directory.CreateTempSubdirectory("streamallocator-").FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: exit code {process.ExitCode}\n{output}\n{await error}");
        Assert.NotEmpty(output);
    }

    [Fact]
    public void The_README_has_commands() => Assert.True(Commands.Count >= 3, $"{Commands.Count} commands found");

    [Fact]
    public void Every_link_of_the_README_leads_to_a_file()
    {
        var links = System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(Path.Combine(Root, "README.md")), @"\]\(([^)#:]+)\)");
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(Root, link.Groups[1].Value)), link.Value));
    }

    private static IEnumerable<IEnumerable<string>> Blocks() => File.ReadAllText(Path.Combine(Root, "README.md"))
        .Split("```sh\n").Skip(1).Select(rest => rest[..rest.IndexOf("```", StringComparison.Ordinal)])
        .Select(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
