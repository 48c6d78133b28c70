using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Logs;

/// <summary>
/// Adds records one by one, without a transaction: for those outside, who are many, move no offsets, fence nobody, and whose death must hold up
/// no reader. At least once: who does not know whether a record arrived adds it again, and the reader tells the two by what they carry.
/// </summary>
public interface ILogAppender : IDisposable
{
    /// <summary>Adds a record to the partition of its key (<see cref="StableHash"/>); it is kept, and readers see it, once this returns.</summary>
    /// <exception cref="LogException">Not added; or it may be there, or come to be there yet. Before another record, the same must be added again: so their order holds.</exception>
    /// <exception cref="OperationCanceledException">The same, on demand.</exception>
    void Append(
        string topic, EventTime time, ReadOnlySpan<byte> key, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> value, CancellationToken cancellationToken);
}
