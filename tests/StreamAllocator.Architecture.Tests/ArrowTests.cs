using System.Xml.Linq;
using StreamAllocator.Testing;

namespace StreamAllocator.Architecture.Tests;

/// <summary>The arrows between projects, as src/README.md draws them, and where each third-party package may be known.</summary>
public sealed class ArrowTests
{
    /// <summary>Project → what it may reference. Siblings never reference each other.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Domain"] = [],
        ["Schemas"] = [],
        ["Windowing"] = ["Domain"],
        ["Forecasting"] = ["Domain"],
        ["Decisions"] = ["Domain"],
        ["Pipeline"] = ["Domain", "Windowing", "Forecasting", "Decisions"],
        ["Backtest"] = ["Domain", "Pipeline"],
        ["Streams"] = ["Domain", "Pipeline"],
        ["Embedded"] = ["Domain", "Pipeline"],
        ["Kafka"] = ["Domain", "Pipeline"],
        ["Training"] = ["Domain", "Pipeline"],
        ["Hypervisors"] = ["Domain", "Pipeline"],
        ["Ingest"] = ["Domain", "Pipeline"],
        ["History"] = ["Domain", "Pipeline", "Schemas"],
        ["Server"] = ["Domain", "Decisions", "Pipeline", "Schemas"],
        ["Cli"] = ["*"],
    };

    /// <summary>Package → the projects that may know it.</summary>
    private static readonly Dictionary<string, string[]> Quarantined = new()
    {
        ["Akka.Streams"] = ["Streams"],
        ["Microsoft.Data.Sqlite"] = ["Embedded"],
        ["Confluent.Kafka"] = ["Kafka"],
        ["Google.Protobuf"] = ["Schemas"],
        ["Cronos"] = ["Ingest"],
        ["Microsoft.ML"] = ["Training"],
        ["Spectre.Console"] = ["Cli"],
        ["System.CommandLine"] = ["Cli"],
        ["InfluxDB.Client"] = ["History"],
    };

    /// <summary>What enters state or outputs: no clock, no random, no libm.</summary>
    private static readonly string[] Pure = ["Domain", "Windowing", "Forecasting", "Decisions", "Pipeline"];

    public static TheoryData<string> Projects => [.. Directory
        .GetDirectories(Path.Combine(SharedFolder.RepositoryRoot(), "src"), "StreamAllocator.*")
        .Where(folder => File.Exists(ProjectFile(Path.GetFileName(folder)["StreamAllocator.".Length..])))
        .Select(folder => Path.GetFileName(folder)["StreamAllocator.".Length..])];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_stands_below_it(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var allowed), $"{project}: a new project; say here what it may reference");
        var references = Items(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)["StreamAllocator.".Length..]);
        Assert.All(references, reference => Assert.True(
            allowed.Contains("*") || allowed.Contains(reference), $"{project} → {reference}: not one of {string.Join(", ", allowed)}"));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_package_is_known_only_where_it_is_quarantined(string project) =>
        Assert.All(Items(project, "PackageReference"), package => Assert.True(
            !Quarantined.TryGetValue(package, out var owners) || owners.Contains(project), $"{project} knows {package}"));

    [Fact]
    public void The_pure_projects_are_under_the_banned_symbols() =>
        Assert.All(Pure, project => Assert.Contains(
            "<UsesBannedSymbols>true</UsesBannedSymbols>", File.ReadAllText(ProjectFile(project)), StringComparison.Ordinal));

    [Fact]
    public void No_file_of_the_pure_projects_turns_the_ban_off() =>
        Assert.All(
            Pure.SelectMany(project => Directory.GetFiles(Path.GetDirectoryName(ProjectFile(project))!, "*.cs", SearchOption.AllDirectories)),
            file => Assert.DoesNotContain("RS0030", File.ReadAllText(file), StringComparison.Ordinal));

    [Fact]
    public void The_top_level_is_the_one_that_was_agreed()
    {
        string[] agreed = ["src", "tests", "infra", "schemas", "StreamAllocator.sln", "docker-compose.yml", "Makefile", "README.md", "LICENSE", "artifacts"];
        var found = Directory.GetFileSystemEntries(SharedFolder.RepositoryRoot()).Select(path => Path.GetFileName(path)!)
            .Where(name => !name.StartsWith('.') && !name.EndsWith(".db", StringComparison.Ordinal) && !name.Contains(".db", StringComparison.Ordinal));
        Assert.Empty(found.Except(agreed));
    }

    private static string ProjectFile(string project) =>
        Path.Combine(SharedFolder.RepositoryRoot(), "src", $"StreamAllocator.{project}", $"StreamAllocator.{project}.csproj");

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(ProjectFile(project)).Descendants(kind).Select(item => (string?)item.Attribute("Include")).OfType<string>();
}
