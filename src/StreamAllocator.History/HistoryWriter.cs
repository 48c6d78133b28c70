using Microsoft.Extensions.Logging;
using StreamAllocator.History.Points;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.History;

/// <summary>
/// Writes features, forecasts, forecast errors, decisions and allocations into InfluxDB: poll, points, write, commit, one batch of one
/// partition at a time. The input offset moves only once InfluxDB has acknowledged, and a point written again overwrites itself, so each
/// record counts once whatever fails between. While InfluxDB is away nothing is polled.
/// </summary>
public sealed class HistoryWriter : IDisposable
{
    /// <summary>Of the only writer of a group.</summary>
    public const string StandardName = "writer-0";

    private const int MaxFailures = 20;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);

    /// <summary>Pause where nothing is to be read: what comes meanwhile goes into the same request.</summary>
    private static readonly TimeSpan IdlePause = TimeSpan.FromMilliseconds(200);

    private readonly IEventLog _log;
    private readonly Topics _topics;
    private readonly HistoryOptions _options;
    private readonly string _group;
    private readonly string _name;
    private readonly ILogger _logger;
    private readonly AllocatorMetrics? _metrics;
    private readonly TimeProvider _clock;
    private readonly InfluxStore _store;
    private readonly string[] _read;
    private int _failures;

    private HistoryWriter(
        IEventLog log, Topics topics, HistoryOptions options, string name, ILogger logger, AllocatorMetrics? metrics, TimeProvider clock)
    {
        (_log, _topics, _options, _name, _logger, _metrics, _clock) = (log, topics, options, name, logger, metrics, clock);
        _group = topics.Group(options.Group);
        _read = [topics.Features, topics.Forecasts, topics.ForecastErrors, topics.Decisions, topics.Allocations];
        _store = new InfluxStore(options, logger, clock);
    }

    /// <summary>Points that InfluxDB has acknowledged since the start, those written again included.</summary>
    public long PointsWritten { get; private set; }

    /// <summary>Looks whether InfluxDB takes points; where it does not answer, the first write waits for it.</summary>
    /// <param name="name">The same at each restart: the member's name in the group, and part of the transactional id of its dead letters.</param>
    /// <param name="clock">For pauses only; points have event times.</param>
    /// <exception cref="ArgumentException">The options have violations; all are named.</exception>
    /// <exception cref="HistoryException">InfluxDB refuses the token, the organisation or the bucket.</exception>
    public static async Task<HistoryWriter> Open(
        IEventLog log,
        Topics topics,
        HistoryOptions options,
        string name,
        ILogger logger,
        AllocatorMetrics? metrics,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var violations = string.Join("; ", options.Validate());
        if (violations.Length > 0 || options.Url is null)
            throw new ArgumentException(violations.Length > 0 ? violations : "Url: expected one", nameof(options));
        var writer = new HistoryWriter(log, topics, options, name, logger, metrics, clock);
        try
        {
            await writer._store.Check(cancellationToken).ConfigureAwait(false);
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes until it is cancelled. A failure of the log (a hand-over, a commit of unknown outcome) begins a new session from the committed
    /// offsets, after a back-off; one that persists is thrown.
    /// </summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await Session(cancellationToken).ConfigureAwait(false);
                }
                catch (LogException failure) when (++_failures <= MaxFailures)
                {
                    _logger.SessionFailed(failure);
                    var backoff = FirstBackoff * Math.Pow(2, Math.Min(_failures - 1, 10));
                    await Task.Delay(backoff < LongestBackoff ? backoff : LongestBackoff, _clock, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped: what is not committed is written again by the next start.
        }
    }

    /// <summary>Ends when all that the topics hold is committed.</summary>
    public async Task CaughtUp(CancellationToken cancellationToken)
    {
        using var check = new FoldedCheck(_log, _read.Select(topic => (_group, topic)));
        while (!check.IsFolded())
            await Task.Delay(IdlePause, _clock, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _store.Dispose();

    private async Task Session(CancellationToken cancellationToken)
    {
        using var producer = _log.OpenProducer(IEventLog.ProducerOf(_group, _name));
        using var consumer = _log.Join(_group, _name, _read);
        using var batch = new RecordBatch();
        using var rejected = new OutputBatch();
        var write = new BatchWrite(_topics, new RecordPoints(_topics, _options), _store, _logger);
        var next = new Dictionary<TopicPartition, long>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var polled = consumer.Poll(batch, _options.BatchRecords, TimeSpan.Zero);
            if (polled == PollOutcome.Idle)
                await Task.Delay(IdlePause, _clock, cancellationToken).ConfigureAwait(false);
            if (polled != PollOutcome.Records)
                continue;

            var begun = _clock.GetTimestamp();
            TellOfGap(batch, next);
            PointsWritten += await write.Write(batch, rejected, cancellationToken).ConfigureAwait(false);
            producer.Send(rejected);
            next[batch.Source] = batch[batch.Count - 1].Offset + 1;
            producer.Commit(consumer, [new PartitionOffset(batch.Source, next[batch.Source])]);
            rejected.Clear();
            _failures = 0;
            _metrics?.Step("history", _clock.GetElapsedTime(begun));
            _metrics?.Seen("history", batch[batch.Count - 1].Time);
        }
    }

    /// <summary>Offsets have gaps of their own; only where the topic begins later than we had come did retention take records before they were read.</summary>
    private void TellOfGap(RecordBatch batch, Dictionary<TopicPartition, long> next)
    {
        var first = batch[0].Offset;
        var expected = next.TryGetValue(batch.Source, out var offset) ? offset : _log.Committed(_group, batch.Source) ?? first;
        if (first > expected && _log.BeginOffset(batch.Source) > expected)
            _logger.Missed(batch.Source.ToString(), expected, first);
    }
}
