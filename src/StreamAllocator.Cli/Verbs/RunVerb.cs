using System.CommandLine;
using StreamAllocator.Cli.Live;
using StreamAllocator.Ingest.Agent;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>run</c>: the allocator on live telemetry.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var roles = new Option<string>("--roles")
        {
            Description = $"Which of {string.Join(',', LiveRun.RoleNames)}.",
            DefaultValueFactory = _ => string.Join(',', LiveRun.RoleNames),
        };
        var agent = new Option<string?>("--agent") { Description = "Publish this machine's usage too, as the VM of this id." };
        var settings = new SettingsOptions();
        var command = new Command("run", "The allocator, or some of its roles, until it is stopped.\n\n  streamallocator run --dry-run --agent my-vm") { roles, agent };
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var problems = new List<string>();
            var chosen = parsed.GetRequiredValue(roles).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            problems.AddRange(chosen.Except(LiveRun.RoleNames).Select(role => $"--roles '{role}': expected some of {string.Join(',', LiveRun.RoleNames)}"));
            if (chosen.Length == 0)
                problems.Add("--roles: expected one at least");
            var watched = parsed.GetValue(agent) is { } vm ? new AgentOptions { VmId = vm } : null;
            problems.AddRange(watched?.Validate() ?? []);
            if (Read(settings, parsed, problems) is not { } read || problems.Count > 0)
                throw new UsageException(problems);
            return await new LiveRun(read, chosen, watched).Execute(cancellation);
        });
        return command;
    }

    private static Settings? Read(SettingsOptions settings, ParseResult parsed, List<string> problems)
    {
        try
        {
            return settings.Read(parsed);
        }
        catch (UsageException exception)
        {
            problems.AddRange(exception.Problems);
            return null;
        }
    }
}
