using StreamAllocator.Testing;

namespace StreamAllocator.Chaos.Tests.Live;

/// <summary>Transactions that have not ended, as Kafka's own tool tells of them.</summary>
internal static class OpenTransactions
{
    private static readonly string[] Ended = ["Empty", "CompleteCommit", "CompleteAbort"];

    /// <returns>A line each: those that their coordinator has not ended, and those that a partition takes for open though no coordinator knows of them.</returns>
    public static IReadOnlyList<string> Of(SharedBroker broker) => [.. NotEnded(broker), .. Hanging(broker)];

    /// <summary>Of the ids that a coordinator knows.</summary>
    public static int Count(SharedBroker broker) => Rows(broker.Admin("transactions", "list")).Count();

    private static IEnumerable<string> NotEnded(SharedBroker broker) =>
        Rows(broker.Admin("transactions", "list")).Where(row => !Ended.Contains(row[^1])).Select(row => string.Join(' ', row));

    /// <summary>Of any age.</summary>
    private static IEnumerable<string> Hanging(SharedBroker broker) =>
        Rows(broker.Admin("transactions", "find-hanging", "--broker-id", "1", "--max-transaction-timeout", "0")).Select(row => $"hanging: {string.Join(' ', row)}");

    /// <summary>Of a table below a line of headings.</summary>
    private static IEnumerable<string[]> Rows(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
