using System.Diagnostics;

namespace StreamAllocator.Testing;

/// <summary>A broker of ../shared/kafka of a test's own. It ends with this process, whatever happens to it.</summary>
internal sealed class SharedBroker : IDisposable
{
    public const string Script = "kafka/start-kafka";

    private readonly string _folder = Directory.CreateTempSubdirectory("streamallocator-kafka-").FullName;
    private readonly string[] _options;

    /// <param name="settings">Broker properties over those of the script.</param>
    public SharedBroker(IEnumerable<KeyValuePair<string, string>> settings, params string[] options)
    {
        _options = [.. options, .. settings.Select(setting => $"{setting.Key}={setting.Value}")];
        Start();
    }

    public static bool Exists => Path.Exists(SharedFolder.Resolve(Script));

    /// <summary><c>HOST:PORT</c> of the plaintext listener; the same after a restart.</summary>
    public string Bootstrap => $"127.0.0.1:{Port("plaintext")}";

    /// <summary>Holds what it made for its listeners.</summary>
    public string Folder => _folder;

    /// <param name="listener">plaintext, sasl, tls or sasl-tls.</param>
    public int Port(string listener) => int.Parse(
        File.ReadLines(Path.Combine(_folder, "ports")).Single(line => line.StartsWith(listener + " ", StringComparison.Ordinal))[(listener.Length + 1)..],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>SIGKILL, then a start on what is on the disk.</summary>
    public void KillAndRestart()
    {
        Kill();
        Start();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => Run("kafka/stop-kafka", _folder, "-9");

    /// <summary>What one of Kafka's own tools prints.</summary>
    public string Admin(params string[] arguments) => Run("kafka/kafka-admin", [Bootstrap, .. arguments]);

    public void Dispose()
    {
        Run("kafka/stop-kafka", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts it on what is on the disk.</summary>
    public void Start() => Run(Script, [_folder, "0", "--with-pid", $"{Environment.ProcessId}", .. _options]);

    private static string Run(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(SharedFolder.Resolve(script), arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{script}: {error.Result}");
    }
}
