using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Api;
using StreamAllocator.Cli.Output;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>vms</c>: what is known about the VMs.</summary>
internal static class VmsVerb
{
    public static Command Create()
    {
        var vm = new Argument<string?>("VM") { Description = "Only this one.", Arity = ArgumentArity.ZeroOrOne };
        var format = FormatOption.Create();
        var api = new ApiOptions();
        var command = new Command("vms", "The VMs: usage, size granted of that provisioned, newest decision.\n\n  streamallocator vms") { vm, format };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var rows = parsed.GetValue(vm) is { } id
                ? [await client.Get($"v1/vms/{Uri.EscapeDataString(id)}", cancellation)]
                : await All(client, cancellation);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Console.WriteLine(new JsonArray([.. rows.Select(row => row.DeepClone())]).ToJsonString(JsonCells.Indented));
            else
                Print(rows, parsed.GetValue(format));
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<List<JsonNode>> All(ApiClient client, CancellationToken cancellation)
    {
        var rows = new List<JsonNode>();
        for (var after = ""; ;)
        {
            var page = await client.Get($"v1/vms?limit=1000{(after.Length > 0 ? $"&after={Uri.EscapeDataString(after)}" : "")}", cancellation);
            rows.AddRange(page["vms"]!.AsArray().OfType<JsonNode>());
            if (JsonCells.At(page, "next") is not string next)
                return rows;
            after = next;
        }
    }

    private static void Print(IEnumerable<JsonNode> rows, OutputFormat format)
    {
        var listing = new Listing("vm", "pool", "priority", "cores used", "cores granted", "cores provisioned", "GiB used", "GiB granted", "GiB provisioned", "decision", "reason", "at");
        foreach (var row in rows)
        {
            listing.Add(
                JsonCells.At(row, "vm_id"), JsonCells.At(row, "pool_id"), JsonCells.At(row, "priority"), JsonCells.At(row, "usage", "cpu_cores"),
                JsonCells.At(row, "allocated", "cpu_cores"), JsonCells.At(row, "provisioned", "cpu_cores"), JsonCells.At(row, "usage", "memory_gib"),
                JsonCells.At(row, "allocated", "memory_gib"), JsonCells.At(row, "provisioned", "memory_gib"),
                JsonCells.At(row, "latest_decision", "kind"), JsonCells.At(row, "latest_decision", "reason"), JsonCells.At(row, "latest_decision", "event_time"));
        }

        listing.Print(format, Console.Out);
    }
}
