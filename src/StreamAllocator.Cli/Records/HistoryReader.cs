using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Records;

/// <summary>
/// One partition of a log's history in its own order, without a group, one record ahead. Belongs to one thread.
/// </summary>
/// <param name="begin">Offset of the first record.</param>
/// <param name="end">Offset after the last record.</param>
internal sealed class HistoryReader(IEventLog log, TopicPartition source, long begin, long end) : IDisposable
{
    /// <summary>Records that are looked at to tell whether one that is dated ahead is the rule or the exception.</summary>
    private const int Lookahead = 32;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const int BatchSize = 1000;
    private static readonly TimeSpan PollWait = TimeSpan.FromMilliseconds(200);

    private readonly RecordBatch _polled = new();
    private ILogConsumer? _consumer;
    private RecordBatch _held = new();
    private RecordBatch _spare = new();
    private int _index;
    private long _read = begin;

    public TopicPartition Source => source;

    /// <summary>Offset at which it goes on.</summary>
    public long Next { get; private set; } = begin;

    /// <summary>There is a record left.</summary>
    public bool Any()
    {
        Fill();
        return _index < _held.Count;
    }

    public LogRecord Current => _held[_index];

    /// <summary>
    /// The record's turn has come when time has reached <paramref name="time"/>. One that is dated later waits, and all behind it wait with it;
    /// an exception does not, for it would hold the others up.
    /// </summary>
    public bool IsBefore(EventTime time) => Current.Time < time || IsAhead();

    public void Advance() => Next = _held[_index++].Offset + 1;

    /// <summary>Goes on at this offset; before the first read.</summary>
    public void SkipTo(long offset) => Next = _read = offset;

    public void Dispose()
    {
        _consumer?.Dispose();
        _polled.Dispose();
        _held.Dispose();
        _spare.Dispose();
    }

    /// <summary>Written by a clock that was ahead: most of the records behind it are much earlier.</summary>
    private bool IsAhead()
    {
        var last = Math.Min(_index + Lookahead, _held.Count - 1);
        var earlier = 0;
        for (var index = _index + 1; index <= last; index++)
            earlier += _held[index].Time < Current.Time - Tolerance ? 1 : 0;
        return earlier * 2 > last - _index;
    }

    private void Fill()
    {
        if (_held.Count - _index > Lookahead || _read >= end)
            return;
        (_held, _spare) = (_spare, _held);
        _held.Reset(source);
        for (; _index < _spare.Count; _index++)
            Hold(_spare[_index]);
        _index = 0;
        if (_consumer is null)
        {
            _consumer = log.Read([source]);
            _consumer.Seek(source, _read);
        }

        while (_held.Count <= Lookahead && _read < end)
        {
            _consumer.Poll(_polled, BatchSize, PollWait);
            for (var index = 0; index < _polled.Count && _polled[index].Offset < end; index++)
                Hold(_polled[index]);
            _read = _consumer.Position(source);
        }
    }

    private void Hold(LogRecord record) => _held.Append(record.Offset, record.Time, record.Key, record.Headers, record.Value);
}
