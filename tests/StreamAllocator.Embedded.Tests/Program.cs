namespace StreamAllocator.Embedded.Tests;

/// <summary>The test assembly started as a program of its own: a process for a test to kill.</summary>
internal static class Program
{
    private static void Main(string[] arguments) => KilledWriter.Run(arguments[0]);
}
