namespace StreamAllocator.Cli;

/// <summary>Wrong usage or configuration, with every problem at once.</summary>
internal sealed class UsageException(params IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
