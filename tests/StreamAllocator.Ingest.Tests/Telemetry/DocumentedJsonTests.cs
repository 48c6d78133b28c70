using System.Text;
using StreamAllocator.Testing;

namespace StreamAllocator.Ingest.Tests.Telemetry;

public sealed class DocumentedJsonTests
{
    [Fact]
    public void The_example_of_the_documentation_is_accepted_with_every_figure()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot(), "schemas", "README.md"));
        var start = page.IndexOf("```json", StringComparison.Ordinal) + "```json\n".Length;
        var example = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        using var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Encoding.UTF8.GetBytes(example));

        Assert.Equal("1795543210000 1.25 2.5 3.5 1048576 52428.8 4 8 0.02 [transactions=212.5]\n", harness.Sequences()["web-1"]);
    }
}
