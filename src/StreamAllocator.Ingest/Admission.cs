using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest;

/// <summary>What a record must fulfil for its message to be used, for the topics that carry one Protobuf message a record.</summary>
/// <param name="schema">Full name of the message; a record without the header is taken for it.</param>
internal sealed class Admission(Topics topics, byte[] schema, int maxBytes)
{
    /// <summary>What is wrong with the record at hand.</summary>
    public Refusals Refusals { get; } = new(new DeadLetters(topics));

    /// <summary>Reads a message.</summary>
    /// <exception cref="WireFormatException">The bytes are not that message.</exception>
    public delegate T Reader<out T>(ReadOnlySpan<byte> value);

    /// <summary>True with the message of a record that may be read and can be; otherwise the record is refused.</summary>
    public bool TryRead<T>(LogRecord record, Reader<T> read, out T message)
    {
        message = default!;
        if (!MayBeRead(record))
            return false;
        try
        {
            message = read(record.Value);
            return true;
        }
        catch (WireFormatException exception)
        {
            Refusals.Add(DeadLetterCause.Malformed, exception.Message);
            return false;
        }
    }

    /// <summary>True if nothing is wrong; otherwise the record is refused as invalid, with all that is.</summary>
    public bool Obeys(IEnumerable<string> violations)
    {
        var all = string.Join("; ", violations);
        if (all.Length == 0)
            return true;
        Refusals.Add(DeadLetterCause.Invalid, all);
        return false;
    }

    /// <summary>The same of a compacted topic's record, whose key must be the id: an empty value under that key removes the entry.</summary>
    public bool Obeys(IEnumerable<string> violations, LogRecord record, string key, string id) => Obeys(
        key == id ? violations : violations.Append($"key '{Text.Printable(record.Key)}': expected the id, '{id}', by which it can be removed"));

    private bool MayBeRead(LogRecord record)
    {
        if (record.Value.Length > maxBytes)
        {
            Refusals.Add(DeadLetterCause.Oversized, $"a value of {record.Value.Length} bytes: expected at most {maxBytes}");
            return false;
        }

        if (RecordHeaders.TryFind(record.Headers, "schema"u8, out var found) && !found.SequenceEqual(schema))
        {
            Refusals.Add(DeadLetterCause.UnknownSchema, $"schema '{Text.Printable(found)}': expected {Text.Printable(schema)}");
            return false;
        }

        return true;
    }
}
