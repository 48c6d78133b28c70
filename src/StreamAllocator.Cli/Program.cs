using System.CommandLine;
using StreamAllocator.Cli;
using StreamAllocator.Cli.Verbs;
using StreamAllocator.Pipeline.Logs;

var root = new RootCommand("Forecasts the demand of virtual machines and resizes them before they run short.")
{
    DemoVerb.Create(),
    RunVerb.Create(),
    AgentVerb.Create(),
    ReplayVerb.Create(),
    BackfillVerb.Create(),
    ForecastVerb.Create(),
    PredictVerb.Create(),
    RequestVerbs.Adjust(),
    RequestVerbs.Hold(),
    RequestVerbs.Release(),
    VmsVerb.Create(),
    ExplainVerb.Create(),
    ModelsVerb.Create(),
    HealthVerb.Create(),
    TopicsVerb.Create(),
    PublishVerb.Create(),
    TailVerb.Create(),
    DeadLetterVerb.Create(),
    ConfigVerb.Create(),
};

// A stop drains: batches are finished and committed, snapshots taken.
var drain = TimeSpan.FromSeconds(30);
var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    ParseProblems.Write(parsed, Console.Error);
    return ExitCodes.Usage;
}

// A list of commands shows the first line of each; its example is in its own help.
foreach (var command in parsed.CommandResult.Command.Subcommands)
    command.Description = command.Description?.Split('\n')[0];
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = drain });
}
catch (UsageException exception)
{
    foreach (var problem in exception.Problems)
        Console.Error.WriteLine(problem);
    return ExitCodes.Usage;
}
catch (Exception exception) when (exception is LogException or IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.Failed;
}
