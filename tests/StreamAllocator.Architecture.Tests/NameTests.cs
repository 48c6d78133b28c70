using System.Text.RegularExpressions;
using StreamAllocator.Testing;

namespace StreamAllocator.Architecture.Tests;

/// <summary>A name means one thing.</summary>
public sealed partial class NameTests
{
    private static readonly string[] Sources = [.. Directory
        .GetFiles(Path.Combine(SharedFolder.RepositoryRoot(), "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];

    [Fact]
    public void No_type_has_the_name_of_a_namespace()
    {
        var namespaces = Sources.SelectMany(source => Namespace().Matches(source)).SelectMany(match => match.Groups[1].Value.Split('.')).ToHashSet();
        var types = Sources.SelectMany(source => TypeName().Matches(source)).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Contains("Pipeline", namespaces);
        Assert.Contains("Topics", types);
        Assert.Empty(types.Intersect(namespaces));
    }

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^\s*(?:(?:public|internal|private|protected|static|sealed|abstract|readonly|ref|partial) )+(?:class|struct|record struct|record|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeName();
}
