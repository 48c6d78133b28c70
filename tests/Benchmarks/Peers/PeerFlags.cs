using System.Globalization;

namespace StreamAllocator.Benchmarks.Peers;

/// <summary>The flags that <c>../shared/peers/run-bench</c> gives to every peer: <c>--name value</c>; <c>--set property=value</c> may be repeated.</summary>
internal sealed class PeerFlags
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public PeerFlags(string[] arguments)
    {
        for (var at = 0; at < arguments.Length; at += 2)
        {
            if (!arguments[at].StartsWith("--", StringComparison.Ordinal) || at + 1 == arguments.Length)
                throw new ArgumentException($"{arguments[at]}: expected --name value");
            var name = arguments[at][2..];
            if (name == "set" && arguments[at + 1].Split('=', 2) is [var property, var value])
                Properties[property] = value;
            else
                _values[name] = arguments[at + 1];
        }
    }

    /// <summary>Of librdkafka.</summary>
    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    public string Broker => Text("broker", null);

    public string In => Text("in", "in");

    public string Out => Text("out", "out");

    public string App => Text("app", "streamallocator");

    public TimeSpan CommitEvery => TimeSpan.FromMilliseconds(Number("commit-ms", 100));

    public string Text(string name, string? otherwise) => _values.GetValueOrDefault(name, otherwise!) ?? throw new ArgumentException($"--{name} is missing");

    public long Number(string name, long otherwise) =>
        _values.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
