using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Api;
using StreamAllocator.Cli.Output;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>models list|show|rollback</c>: the releases of learned parameters.</summary>
internal static class ModelsVerb
{
    public static Command Create() => new("models", "The releases of learned parameters.") { List(), Show(), Rollback() };

    private static Command List()
    {
        var format = FormatOption.Create();
        var api = new ApiOptions();
        var command = new Command("list", "The newest release of each model.\n\n  streamallocator models list") { format };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var listing = new Listing("model", "version", "class", "role", "effective", "loss", "replaced loss", "windows", "cause");
            foreach (var model in await All(client, cancellation))
            {
                listing.Add(
                    JsonCells.At(model, "model_id"), JsonCells.At(model, "version"), JsonCells.At(model, "job_class"), JsonCells.At(model, "role"),
                    JsonCells.At(model, "effective"), JsonCells.At(model, "validation_loss"), JsonCells.At(model, "replaced_loss"),
                    JsonCells.At(model, "training_windows"), JsonCells.At(model, "cause"));
            }

            listing.Print(parsed.GetValue(format), Console.Out);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("MODEL") { Description = "Id of the model." };
        var api = new ApiOptions();
        var command = new Command("show", "Everything about one model, as JSON.\n\n  streamallocator models show smoothing") { id };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var model = (await All(client, cancellation)).FirstOrDefault(model => JsonCells.At(model, "model_id") is string name && name == parsed.GetValue(id))
                ?? throw new IOException($"model '{parsed.GetValue(id)}': expected one that 'models list' shows");
            Console.WriteLine(model.ToJsonString(JsonCells.Indented));
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Rollback()
    {
        var id = new Argument<string>("MODEL") { Description = "Id of the model." };
        var api = new ApiOptions();
        var command = new Command(
            "rollback", "Serves the parameters of the model's previous champion again, as a new release.\n\n  streamallocator models rollback smoothing") { id };
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var model = await client.Send(
                HttpMethod.Post, $"v1/models/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/rollback", null, cancellation);
            Console.WriteLine($"asked to go back from {JsonCells.At(model, "name")}; 'models list' shows the release that answers");
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<JsonNode[]> All(ApiClient client, CancellationToken cancellation) =>
        [.. (await client.Get("v1/models", cancellation))["models"]!.AsArray().OfType<JsonNode>()];
}
