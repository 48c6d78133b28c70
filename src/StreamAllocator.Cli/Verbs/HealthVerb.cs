using System.CommandLine;
using StreamAllocator.Cli.Api;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>health</c>: whether a running allocator answers, for what starts and watches it and has no HTTP client of its own.</summary>
internal static class HealthVerb
{
    public static Command Create()
    {
        var ready = new Option<bool>("--ready") { Description = "Whether its views hold what the log held at its start, too." };
        var api = new ApiOptions();
        var command = new Command("health", "Ends well where the API of a running allocator answers.\n\n  streamallocator health --ready") { ready };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            Console.Write(await client.GetText(parsed.GetValue(ready) ? "readyz" : "healthz", cancellation));
            return ExitCodes.Done;
        });
        return command;
    }
}
