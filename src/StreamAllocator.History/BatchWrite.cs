using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StreamAllocator.Domain;
using StreamAllocator.History.Points;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tasks;

namespace StreamAllocator.History;

/// <summary>
/// Turns a batch into lines and writes them. Where InfluxDB refuses some (it says no more than that), the batch is halved until the culprits
/// are found: the record of a refused line goes to <c>dead-letter</c> and the others are written. Reused; one call at a time.
/// </summary>
internal sealed class BatchWrite(Topics topics, RecordPoints points, InfluxStore store, ILogger logger)
{
    private readonly DeadLetters _letters = new(topics);
    private readonly List<string> _lines = [];

    /// <summary>First line of each record, and after the last record the number of lines.</summary>
    private readonly List<int> _starts = [];

    private int _refused;
    private string _cause = "";

    /// <summary>Returns, when InfluxDB has acknowledged, the number of points; appends what could not be used to <paramref name="rejected"/>.</summary>
    public async Task<int> Write(RecordBatch batch, OutputBatch rejected, CancellationToken cancellationToken)
    {
        _refused = 0;
        Encode(batch, rejected);
        var written = await Write(batch, 0, batch.Count, rejected, cancellationToken).ConfigureAwait(false);
        if (_refused > 0)
            logger.Refused(_refused, batch.Count, batch.Source.ToString(), _cause);
        return written;
    }

    private void Encode(RecordBatch batch, OutputBatch rejected)
    {
        _lines.Clear();
        _starts.Clear();
        for (var index = 0; index < batch.Count; index++)
        {
            _starts.Add(_lines.Count);
            try
            {
                points.Append(batch.Source, batch[index], _lines);
            }
            catch (Exception exception) when (exception is InvalidProtocolBufferException or PointException)
            {
                _lines.RemoveRange(_starts[index], _lines.Count - _starts[index]);
                Reject(batch, index, exception is PointException ? DeadLetterCause.Invalid : DeadLetterCause.Malformed, exception.Message, rejected);
            }
        }

        _starts.Add(_lines.Count);
    }

    private async Task<int> Write(RecordBatch batch, int first, int count, OutputBatch rejected, CancellationToken cancellationToken)
    {
        var lines = _lines.GetRange(_starts[first], _starts[first + count] - _starts[first]);
        if (lines.Count == 0)
            return 0;
        if (await store.Write(lines, cancellationToken).ConfigureAwait(false) is not { } refusal)
            return lines.Count;
        if (count == 1)
        {
            Reject(batch, first, DeadLetterCause.Refused, refusal, rejected);
            return 0;
        }

        var half = count / 2;
        return await Write(batch, first, half, rejected, cancellationToken).ConfigureAwait(false)
            + await Write(batch, first + half, count - half, rejected, cancellationToken).ConfigureAwait(false);
    }

    private void Reject(RecordBatch batch, int index, DeadLetterCause cause, string detail, OutputBatch rejected)
    {
        if (_refused++ == 0)
            _cause = detail;
        _letters.Append(rejected, cause, detail, batch.Source, batch[index]);
    }
}
