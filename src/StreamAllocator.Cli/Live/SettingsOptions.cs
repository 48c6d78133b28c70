using System.CommandLine;
using System.Text.Json.Nodes;

namespace StreamAllocator.Cli.Live;

/// <summary>The flags of a command that reads the settings.</summary>
internal sealed class SettingsOptions
{
    private readonly Option<FileInfo?> _config = new("--config") { Description = $"JSON file of settings; {SettingsSource.StandardFile} where it exists." };
    private readonly Option<string?> _log = new("--log") { Description = "memory, file:PATH or kafka:HOST:PORT[,HOST:PORT...]." };
    private readonly Option<string?> _instance = new("--instance") { Description = "Name of this process among those on the log, the same at each start. [default: this machine's name]" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Record what would be done, and apply nothing." };
    private readonly Option<int?> _port = new("--port") { Description = "Of the HTTP API; 0 takes any free one." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _config, _log, _instance, _dryRun, _port })
            command.Add(option);
    }

    public Settings Read(ParseResult parsed) =>
        SettingsSource.Read(parsed.GetValue(_config), SettingsSource.EnvironmentVariables(), Flags(parsed));

    private IEnumerable<(string Path, JsonNode Value)> Flags(ParseResult parsed)
    {
        if (parsed.GetValue(_log) is { } log)
            yield return ("Log", log);
        if (parsed.GetValue(_instance) is { } instance)
            yield return ("Instance", instance);
        if (parsed.GetValue(_dryRun))
            yield return ("DryRun", true);
        if (parsed.GetValue(_port) is { } port)
            yield return ("Server.Port", port);
    }
}
