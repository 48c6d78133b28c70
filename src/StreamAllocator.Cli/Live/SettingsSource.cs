using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using StreamAllocator.Cli.Composition;
using StreamAllocator.Forecasting;
using StreamAllocator.Ingest;
using StreamAllocator.Kafka;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Server;
using StreamAllocator.Training;

namespace StreamAllocator.Cli.Live;

/// <summary>
/// The defaults, over them a JSON file, over it the environment (<c>STREAMALLOCATOR__SERVER__PORT=8081</c>: names in any case, levels parted by two
/// underscores; in the name of a Kafka property one stands for its dot), over it the flags. Keys that no default has, and values of another kind, are problems; all are told at once.
/// </summary>
internal static class SettingsSource
{
    public const string StandardFile = "streamallocator.json";
    private const string Variable = "STREAMALLOCATOR__";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNameCaseInsensitive = true,
        Converters = { new JsonStringEnumConverter(), new VmSizeJson() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutWhatIsNoKey } },
    };

    /// <summary>What follows from other keys (<see cref="AllocatorOptions.Resolved"/>), or is not a live run's to choose.</summary>
    private static readonly (Type Options, string[] Names)[] NoKeys =
    [
        (typeof(AllocatorOptions), [nameof(AllocatorOptions.Train), nameof(AllocatorOptions.VmOutputPartitions)]),
        (typeof(IngestOptions), [nameof(IngestOptions.Window), nameof(IngestOptions.Driven)]),
        (typeof(PredictOptions), [nameof(PredictOptions.ExpectTrainer)]),
        (typeof(ForecastOptions), [nameof(ForecastOptions.WindowsPerDay)]),
        (typeof(DecideOptions), [nameof(DecideOptions.RunId), nameof(DecideOptions.Window)]),
        (typeof(TrainOptions), [nameof(TrainOptions.Window), nameof(TrainOptions.Forecast)]),
        (typeof(KafkaLogOptions), [nameof(KafkaLogOptions.BootstrapServers)]),
        (typeof(ServerOptions), [nameof(ServerOptions.Name), nameof(ServerOptions.DrivenTime), nameof(ServerOptions.Decisions)]),
    ];

    /// <summary>Its keys are anybody's: librdkafka's properties.</summary>
    private const string AnyKeys = "Kafka.Properties";

    /// <summary>Variables that other parts read under the same prefix.</summary>
    private static readonly string[] Others = ["API"];

    /// <param name="file">Null takes <see cref="StandardFile"/> where it exists.</param>
    /// <param name="flags">Path of names and value of each flag that was given.</param>
    /// <exception cref="UsageException">With every problem.</exception>
    public static Settings Read(FileInfo? file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<(string Path, JsonNode Value)> flags)
    {
        var problems = new List<string>();
        var merged = JsonSerializer.SerializeToNode(new Settings(), Json)!.AsObject();
        if (ReadFile(file, problems) is { } read)
            Merge(merged, read, "", problems);
        foreach (var (name, value) in environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(Variable, StringComparison.OrdinalIgnoreCase) && !Others.Contains(name[Variable.Length..], StringComparer.OrdinalIgnoreCase))
                Set(merged, name[Variable.Length..].Split("__"), Value(value), name, problems);
        }

        foreach (var (path, value) in flags)
            Set(merged, path.Split('.'), value, path, problems);
        var settings = Bind(merged, problems);
        problems.AddRange(settings?.Validate() ?? []);
        return problems.Count == 0 ? settings! : throw new UsageException(problems);
    }

    /// <summary>The settings that file and environment make without any flag.</summary>
    /// <inheritdoc cref="Read"/>
    public static Settings Standing() => Read(null, EnvironmentVariables(), []);

    public static IEnumerable<KeyValuePair<string, string>> EnvironmentVariables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));

    /// <summary>As JSON; of a secret, only that there is one.</summary>
    /// <summary>Where no flags are given: the standard file and the environment.</summary>
    public static Settings Standard() => Read(null, EnvironmentVariables(), []);

    public static string Show(Settings settings)
    {
        var shown = settings with
        {
            Server = settings.Server with { Token = Hidden(settings.Server.Token) },
            History = settings.History with { Token = Hidden(settings.History.Token) },
            Kafka = settings.Kafka.Redacted(),
        };
        return JsonSerializer.Serialize(shown, Json);

        static string? Hidden(string? secret) => secret is null ? null : "(set)";
    }

    private static void LeaveOutWhatIsNoKey(JsonTypeInfo type)
    {
        var names = NoKeys.FirstOrDefault(entry => entry.Options == type.Type).Names ?? [];
        foreach (var property in type.Properties.Where(property => names.Contains(property.Name)).ToList())
            type.Properties.Remove(property);
    }

    /// <summary>A value that is none of its key is a problem, and the default takes its place, so that the next one is found too.</summary>
    private static Settings? Bind(JsonObject merged, List<string> problems)
    {
        while (true)
        {
            try
            {
                return merged.Deserialize<Settings>(Json);
            }
            catch (Exception exception) when (exception is JsonException or ArgumentException)
            {
                if (exception is not JsonException { Path: { } path } || Replace(merged, path.TrimStart('$', '.')) is not { } problem)
                {
                    problems.Add(exception.Message);
                    return null;
                }

                problems.Add(problem);
            }
        }
    }

    /// <returns>What was found and expected; null where there is no default that differs.</returns>
    private static string? Replace(JsonObject merged, string path)
    {
        var standard = JsonSerializer.SerializeToNode(new Settings(), Json)!;
        var names = path.Split('.');
        JsonNode? found = merged;
        JsonNode? expected = standard;
        foreach (var name in names[..^1])
            (found, expected) = ((found as JsonObject)?[name], (expected as JsonObject)?[name]);
        if (found is not JsonObject parent || expected is not JsonObject defaults || !defaults.ContainsKey(names[^1]))
            return null;
        var (wrong, right) = (parent[names[^1]], defaults[names[^1]]);
        if (JsonNode.DeepEquals(wrong, right))
            return null;
        parent[names[^1]] = right?.DeepClone();
        return $"{path}: found {Shown(wrong)}, expected {(right is null ? "a text" : $"a value such as {Shown(right)}")}";

        static string Shown(JsonNode? node) => node?.ToJsonString() ?? "null";
    }

    private static JsonObject? ReadFile(FileInfo? file, List<string> problems)
    {
        var path = file?.FullName ?? (File.Exists(StandardFile) ? StandardFile : null);
        if (path is null)
            return null;
        if (!File.Exists(path))
        {
            problems.Add($"--config {path}: no such file");
            return null;
        }

        try
        {
            if (JsonNode.Parse(File.ReadAllText(path), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }) is JsonObject read)
                return read;
            problems.Add($"{path}: expected a JSON object");
        }
        catch (JsonException exception)
        {
            problems.Add($"{path}: {exception.Message}");
        }

        return null;
    }

    private static void Merge(JsonObject into, JsonObject from, string path, List<string> problems)
    {
        foreach (var (name, value) in from)
        {
            if ((path == AnyKeys + "." ? name : Key(into, name)) is not { } key)
                problems.Add($"{path}{name}: unknown; expected one of {string.Join(", ", into.Select(member => member.Key))}");
            else if (into[key] is JsonObject inner && value is JsonObject members)
                Merge(inner, members, $"{path}{key}.", problems);
            else
                into[key] = value?.DeepClone();
        }
    }

    private static void Set(JsonObject root, string[] path, JsonNode? value, string name, List<string> problems)
    {
        var into = root;
        for (var level = 0; level < path.Length; level++)
        {
            var key = Key(into, path[level]);
            if (key is null && string.Join('.', path[..level]).Equals(AnyKeys, StringComparison.OrdinalIgnoreCase))
                key = path[level].Replace('_', '.').ToLowerInvariant();
            if (key is null)
            {
                problems.Add($"{name}: unknown '{path[level]}'; expected one of {string.Join(", ", into.Select(member => member.Key))}");
                return;
            }

            if (level == path.Length - 1)
            {
                into[key] = value;
            }
            else if (into[key] is JsonObject inner)
            {
                into = inner;
            }
            else
            {
                problems.Add($"{name}: '{key}' has no parts");
                return;
            }
        }
    }

    private static string? Key(JsonObject members, string name) =>
        members.Select(member => member.Key).FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A number, a truth or null as such; anything else is a text.</summary>
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text) is { } node && node.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                ? JsonNode.Parse(text)
                : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
