using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Api;
using StreamAllocator.Cli.Output;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>predict</c>: predict_load of the specification.</summary>
internal static class PredictVerb
{
    private static readonly string[] Moments =
    [
        "cpu_demand_mean", "cpu_demand_stddev", "memory_demand_mean", "memory_demand_stddev", "disk_demand_mean", "disk_demand_stddev",
        "network_demand_mean", "network_demand_stddev",
    ];

    public static Command Create()
    {
        var vm = new Argument<string>("VM") { Description = "Id of the VM." };
        var horizon = new Option<string>("--horizon") { Description = "5m to 60m.", DefaultValueFactory = _ => "30m" };
        var format = FormatOption.Create();
        var api = new ApiOptions();
        var command = new Command("predict", "Demand of a VM over the coming minutes.\n\nCPU in cores, memory in GiB, disk and network in bytes per second.\n\n  streamallocator predict az-1126 --horizon 60m") { vm, horizon, format };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var answer = await client.Get(
                $"v1/vms/{Uri.EscapeDataString(parsed.GetRequiredValue(vm))}/forecast?horizon={Uri.EscapeDataString(parsed.GetRequiredValue(horizon))}", cancellation);
            if (parsed.GetValue(format) == OutputFormat.Json)
                Console.WriteLine(answer.ToJsonString(JsonCells.Indented));
            else
                Print(answer, parsed.GetValue(format));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Print(JsonNode answer, OutputFormat format)
    {
        var listing = new Listing(["timestamp", .. Moments]);
        foreach (var row in answer["rows"]!.AsArray())
            listing.Add([JsonCells.At(row, "timestamp"), .. Moments.Select(name => JsonCells.At(row, name))]);
        listing.Print(format, Console.Out);
    }
}
