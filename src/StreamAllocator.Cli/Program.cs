using System.CommandLine;
using StreamAllocator.Cli;
using StreamAllocator.Cli.Verbs;
using StreamAllocator.Pipeline.Logs;

var root = new RootCommand("Forecasts the demand of virtual machines and resizes them before they run short.")
{
    DemoVerb.Create(),
    ReplayVerb.Create(),
};

// A stop drains: batches are finished and committed, snapshots taken.
var drain = TimeSpan.FromSeconds(30);
var parsed = root.Parse(args);
try
{
    var exit = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = drain });
    return parsed.Errors.Count > 0 ? ExitCodes.Usage : exit;
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
