using System.Text.RegularExpressions;
using StreamAllocator.Testing;

namespace StreamAllocator.Architecture.Tests;

/// <summary>What src/ says of itself.</summary>
public sealed partial class DocumentTests
{
    private const int MostLines = 15;

    private static readonly string Source = Path.Combine(SharedFolder.RepositoryRoot(), "src");

    [Fact]
    public void Decisions_are_numbered_without_gaps_or_repetitions()
    {
        var numbers = Heading().Matches(Decisions()).Select(match => int.Parse(match.Groups[1].Value)).ToList();
        Assert.NotEmpty(numbers);
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);
    }

    [Fact]
    public void A_decision_has_fifteen_lines_at_most() => Assert.All(
        Heading().Split(Decisions()).Where(text => text.StartsWith('\n')), text => Assert.InRange(text.Trim().Split('\n').Length, 1, MostLines));

    [Theory]
    [MemberData(nameof(ArrowTests.Projects), MemberType = typeof(ArrowTests))]
    public void The_readme_says_what_each_project_is(string project) =>
        Assert.Contains($"\n| {project} | ", File.ReadAllText(Path.Combine(Source, "README.md")), StringComparison.Ordinal);

    private static string Decisions() => File.ReadAllText(Path.Combine(Source, "DECISIONS.md"));

    [GeneratedRegex(@"^## (\d+)\. [^\n]*", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
