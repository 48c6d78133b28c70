using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.Ingest;

/// <summary>
/// Collects what is wrong with one record and writes one dead letter a cause, with the indices of the samples it concerns: a record of many
/// bad samples is not copied once for each of them.
/// </summary>
internal sealed class Refusals(DeadLetters letters)
{
    private const int MaxDetails = 8;

    private readonly StringBuilder[] _details = [.. Enum.GetValues<DeadLetterCause>().Select(_ => new StringBuilder())];
    private readonly int[] _samples = new int[Enum.GetValues<DeadLetterCause>().Length];
    private bool _any;

    public IngestCounts Counts { get; } = new();

    public void Add(DeadLetterCause cause, string detail)
    {
        Counts.Refuse(cause);
        _any = true;
        var builder = _details[(int)cause - 1];
        if (_samples[(int)cause - 1]++ < MaxDetails)
            builder.Append(builder.Length == 0 ? "" : "; ").Append(detail);
    }

    /// <summary>Writes what was collected for the record, in order of causes.</summary>
    public void Flush(OutputBatch outputs, TopicPartition source, LogRecord record)
    {
        if (!_any)
            return;
        for (var index = 0; index < _details.Length; index++)
        {
            if (_samples[index] == 0)
                continue;
            if (_samples[index] > MaxDetails)
                _details[index].Append($"; and {_samples[index] - MaxDetails} more");
            letters.Append(outputs, (DeadLetterCause)(index + 1), _details[index].ToString(), source, record);
            _details[index].Clear();
            _samples[index] = 0;
        }

        _any = false;
    }
}
