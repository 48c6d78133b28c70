using System.CommandLine;
using StreamAllocator.Cli.Live;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>config check|show</c>: the settings that 'run' would take from file, environment and flags.</summary>
internal static class ConfigVerb
{
    public static Command Create() => new("config", "The settings from file, environment and flags.")
    {
        Create("check", "Prints every problem and fails, or says that there is none, and prints the result.\n\n  streamallocator config check --config prod.json", "valid:"),
        Create("show", "Prints the result as JSON.\n\n  STREAMALLOCATOR__SERVER__PORT=8081 streamallocator config show", null),
    };

    private static Command Create(string name, string description, string? head)
    {
        var options = new SettingsOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var settings = options.Read(parsed);
            if (head is not null)
                Console.WriteLine(head);
            Console.WriteLine(SettingsSource.Show(settings));
            return ExitCodes.Done;
        });
        return command;
    }
}
