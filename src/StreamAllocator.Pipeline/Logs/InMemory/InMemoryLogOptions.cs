namespace StreamAllocator.Pipeline.Logs.InMemory;

public sealed record InMemoryLogOptions
{
    /// <summary>
    /// Frees records (in portions of 256 KiB) that every group which ever subscribed to their topic has committed past, so that a long
    /// replay runs in constant memory. Compacted topics, and topics without a group, keep theirs. Readers without a group do not count.
    /// </summary>
    public bool DropConsumed { get; init; }

    /// <summary>Faults to inject; none where null.</summary>
    public InMemoryFaults? Faults { get; init; }

    public IEnumerable<string> Validate() => Faults?.Validate() ?? [];
}
