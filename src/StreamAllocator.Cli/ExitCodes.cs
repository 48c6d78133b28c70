namespace StreamAllocator.Cli;

internal static class ExitCodes
{
    public const int Done = 0;

    public const int Failed = 1;

    /// <summary>Wrong usage or configuration; every problem was printed.</summary>
    public const int Usage = 2;
}
