using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Api;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>explain</c>: why a VM has the size that it has.</summary>
internal static class ExplainVerb
{
    public static Command Create()
    {
        var vm = new Argument<string>("VM") { Description = "Id of the VM." };
        var at = new Option<string?>("--at") { Description = "The decision in force at this time (RFC 3339); the newest where it is left out." };
        var api = new ApiOptions();
        var command = new Command(
            "explain",
            "The chain of reasons of a decision.\n\n"
            + "CPU in cores, memory in GiB. threshold: used + k standard deviations of the forecast; q: that quantile of the largest demand of the next hour;\n"
            + "guard: the recent maximum with its margin; probe: more, for a VM that uses all it has; permit: what the pool grants.\n\n"
            + "  streamallocator explain az-1126 --at 2017-01-03T14:05:00Z")
        {
            vm, at,
        };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var which = parsed.GetValue(at) is { } time ? $"at={Uri.EscapeDataString(time)}" : "limit=1";
            var answer = await client.Get($"v1/vms/{Uri.EscapeDataString(parsed.GetRequiredValue(vm))}/decisions?{which}", cancellation);
            if (answer["decisions"] is not JsonArray { Count: > 0 } decisions)
                throw new IOException($"{parsed.GetValue(vm)}: no decision {(which == "limit=1" ? "yet" : "in force then")}");
            foreach (var line in decisions[0]!["explanation"]!.AsArray())
                Console.WriteLine(line);
            return ExitCodes.Done;
        });
        return command;
    }
}
