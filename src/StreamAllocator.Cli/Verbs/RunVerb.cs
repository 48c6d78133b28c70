using System.CommandLine;
using StreamAllocator.Cli.Live;
using StreamAllocator.Ingest.Agent;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>run</c>: the allocator on live telemetry.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var roles = new Option<string?>("--roles")
        {
            Description = $"Which of {string.Join(',', LiveRun.RoleNames)}. [default: all, history where History.Url is set]",
        };
        var agent = new Option<string?>("--agent") { Description = "Publish this machine's usage too, as the VM of this id." };
        var settings = new SettingsOptions();
        var command = new Command("run", "The allocator, or some of its roles, until it is stopped.\n\n  streamallocator run --dry-run --agent my-vm") { roles, agent };
        settings.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var problems = new List<string>();
            var chosen = (parsed.GetValue(roles) ?? string.Join(',', LiveRun.RoleNames)).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            problems.AddRange(chosen.Except(LiveRun.RoleNames).Select(role => $"--roles '{role}': expected some of {string.Join(',', LiveRun.RoleNames)}"));
            if (chosen.Length == 0)
                problems.Add("--roles: expected one at least");
            var watched = parsed.GetValue(agent) is { } vm ? new AgentOptions { VmId = vm } : null;
            problems.AddRange(watched?.Validate() ?? []);
            var read = Read(settings, parsed, problems);
            if (read is { History.Url: null } && chosen.Contains(LiveRun.History))
            {
                if (parsed.GetValue(roles) is null)
                    chosen = [.. chosen.Where(role => role != LiveRun.History)];
                else
                    problems.Add($"--roles {LiveRun.History}: expected History.Url too");
            }

            if (read is null || problems.Count > 0)
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
