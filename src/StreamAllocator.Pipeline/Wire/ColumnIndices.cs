namespace StreamAllocator.Pipeline.Wire;

/// <summary>Columns name their VMs, metrics and models by index into a table of the same message.</summary>
internal static class ColumnIndices
{
    /// <exception cref="WireFormatException">An index lies beyond the table.</exception>
    public static void Check(ReadOnlySpan<uint> indices, int count, string what)
    {
        foreach (var index in indices)
        {
            if (index >= count)
                throw new WireFormatException($"{what} index {index}: expected less than {count}");
        }
    }
}
