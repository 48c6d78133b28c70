using System.CommandLine;
using System.Text.Json.Nodes;
using StreamAllocator.Cli.Api;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>adjust</c>, <c>hold</c>, <c>release</c>: what a person asks for, through the API.</summary>
internal static class RequestVerbs
{
    private const string Waiting = "30s";

    public static Command Adjust()
    {
        var vm = new Argument<string>("VM") { Description = "Id of the VM." };
        var cpu = new Option<double>("--cpu") { Description = "Cores.", Required = true };
        var memory = new Option<double>("--memory") { Description = "GiB.", Required = true };
        var holdFor = new Option<string>("--hold-for") { Description = "How long the policy then leaves the VM alone.", DefaultValueFactory = _ => "1h" };
        return Create(
            new Command("adjust", "Sets a VM to an absolute size.\n\n  streamallocator adjust az-1126 --cpu 4 --memory 8 --hold-for 2h --wait") { vm, cpu, memory, holdFor },
            HttpMethod.Post,
            parsed => $"vms/{Uri.EscapeDataString(parsed.GetRequiredValue(vm))}/resources",
            parsed => new JsonObject
            {
                ["cpu_cores"] = parsed.GetValue(cpu),
                ["memory_gb"] = parsed.GetValue(memory),
                ["hold_for"] = parsed.GetValue(holdFor),
            });
    }

    public static Command Hold()
    {
        var holdFor = new Option<string>("--hold-for") { Description = "For how long.", DefaultValueFactory = _ => "1h" };
        var (command, target) = OfVmOrPool("hold", "Keeps a VM or a pool at its sizes.\n\n  streamallocator hold az-1126 --hold-for 2h");
        command.Add(holdFor);
        return Create(command, HttpMethod.Put, parsed => $"{target(parsed)}/hold", parsed => new JsonObject { ["hold_for"] = parsed.GetValue(holdFor) });
    }

    public static Command Release()
    {
        var (command, target) = OfVmOrPool("release", "Gives a VM or a pool back to the policy.\n\n  streamallocator release --pool pool-0");
        return Create(command, HttpMethod.Delete, parsed => $"{target(parsed)}/hold", _ => null);
    }

    private static (Command Command, Func<ParseResult, string> Target) OfVmOrPool(string name, string description)
    {
        var vm = new Argument<string?>("VM") { Description = "Id of the VM.", Arity = ArgumentArity.ZeroOrOne };
        var pool = new Option<string?>("--pool") { Description = "Id of the pool, instead of a VM." };
        return (new Command(name, description) { vm, pool }, Target);

        string Target(ParseResult parsed) => (parsed.GetValue(vm), parsed.GetValue(pool)) switch
        {
            ({ } id, null) => $"vms/{Uri.EscapeDataString(id)}",
            (null, { } id) => $"pools/{Uri.EscapeDataString(id)}",
            _ => throw new UsageException($"{name}: expected a VM, or --pool and a pool"),
        };
    }

    private static Command Create(Command command, HttpMethod method, Func<ParseResult, string> path, Func<ParseResult, JsonNode?> body)
    {
        var wait = new Option<bool>("--wait") { Description = $"Wait up to {Waiting} for the decision and its outcome." };
        var api = new ApiOptions();
        command.Add(wait);
        api.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = api.Open(parsed);
            var answer = await client.Send(
                method, $"v1/{path(parsed)}{(parsed.GetValue(wait) ? $"?wait={Waiting}" : "")}", body(parsed), cancellation);
            Console.WriteLine($"request {JsonCells.At(answer, "request_id")}: {JsonCells.At(answer, "status")}");
            foreach (var line in (answer["decision"]?["explanation"] as JsonArray) ?? [])
                Console.WriteLine($"  {line}");
            if (answer["allocation"] is JsonObject allocation)
                Console.WriteLine($"  {JsonCells.At(allocation, "outcome")}: {allocation["observed"]?.ToJsonString()}");
            return ExitCodes.Done;
        });
        return command;
    }
}
