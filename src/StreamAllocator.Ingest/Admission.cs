using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Ingest;

/// <summary>What a record must fulfil before its value is read, for the topics that carry one Protobuf message a record.</summary>
internal static class Admission
{
    /// <summary>True if the value may be read as that message; otherwise the record is refused.</summary>
    public static bool Admit(LogRecord record, ReadOnlySpan<byte> schema, int maxBytes, Refusals refusals)
    {
        if (record.Value.Length > maxBytes)
        {
            refusals.Add(DeadLetterCause.Oversized, $"a value of {record.Value.Length} bytes: expected at most {maxBytes}");
            return false;
        }

        if (RecordHeaders.TryFind(record.Headers, "schema"u8, out var found) && !found.SequenceEqual(schema))
        {
            refusals.Add(DeadLetterCause.UnknownSchema, $"schema '{Text.Printable(found)}': expected {Text.Printable(schema)}");
            return false;
        }

        return true;
    }

    /// <summary>True if nothing is wrong; otherwise the record is refused as invalid, with all that is.</summary>
    public static bool Obeys(IEnumerable<string> violations, Refusals refusals)
    {
        var all = string.Join("; ", violations);
        if (all.Length == 0)
            return true;
        refusals.Add(DeadLetterCause.Invalid, all);
        return false;
    }
}
