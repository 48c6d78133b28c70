using Microsoft.Extensions.Logging;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Server.Views;

/// <summary>
/// The one thread that follows the public topics into a <see cref="FleetView"/>: topics that tell what there is (inventory, models, allocations)
/// from their first record, topics that tell what happened from the newest <see cref="ServerOptions.RecordsAtStart"/> of each partition. Dead letters are counted from the start on; they may be large, so few are
/// taken at a time.
/// </summary>
internal sealed class ViewReader : IDisposable
{
    private const int BatchSize = 500;
    private const int DeadLettersAtATime = 4;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    private readonly FleetView _view;
    private readonly AllocatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ILogConsumer _consumer;
    private readonly ILogConsumer _deadLetters;
    private readonly Dictionary<TopicPartition, long> _behind = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;

    public ViewReader(IEventLog log, Topics topics, ServerOptions options, FleetView view, AllocatorMetrics metrics, ILogger logger)
    {
        (_view, _metrics, _logger) = (view, metrics, logger);
        var specs = log.Topics().ToDictionary(spec => spec.Name);
        string[] whole = [topics.Vms, topics.Hosts, topics.Models, topics.Allocations];
        string[] newest = [topics.Requests, topics.Features, topics.Forecasts, topics.Decisions];
        _consumer = log.Read([.. whole.Concat(newest).SelectMany(topic => PartitionsOf(specs, topic))]);
        foreach (var partition in _consumer.Assignment)
            Start(log, partition, whole.Contains(partition.Topic) ? long.MaxValue : options.RecordsAtStart);
        var rejected = PartitionsOf(specs, topics.DeadLetter).Concat(PartitionsOf(specs, topics.Late)).ToList();
        _deadLetters = log.Read(rejected);
        foreach (var partition in rejected)
            _deadLetters.Seek(partition, log.EndOffset(partition));
        _thread = new Thread(Run) { IsBackground = true, Name = "StreamAllocator views" };
    }

    /// <summary>What ended the reading against our will; null while it goes on.</summary>
    public Exception? Failure { get; private set; }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopping.Cancel();
        if (_thread.IsAlive)
            _thread.Join();
        _consumer.Dispose();
        _deadLetters.Dispose();
        _stopping.Dispose();
    }

    private static IEnumerable<TopicPartition> PartitionsOf(Dictionary<string, TopicSpec> specs, string topic)
    {
        if (!specs.TryGetValue(topic, out var spec))
            throw new LogException($"topic {topic} does not exist: create the topics first");
        return spec.AllPartitions;
    }

    private void Start(IEventLog log, TopicPartition partition, long records)
    {
        var begin = log.BeginOffset(partition);
        var end = log.EndOffset(partition);
        var from = Math.Max(begin, end - records);
        _consumer.Seek(partition, from);
        if (from < end)
            _behind.Add(partition, end);
    }

    private void Run()
    {
        try
        {
            Follow();
        }
        catch (Exception exception) when (exception is LogException or ObjectDisposedException)
        {
            Failure = exception;
            ServerLog.ReadingFailed(_logger, exception);
        }
    }

    private void Follow()
    {
        using var batch = new RecordBatch();
        using var rejected = new RecordBatch();
        var isCurrent = false;
        while (!_stopping.IsCancellationRequested)
        {
            if (_consumer.Poll(batch, BatchSize, Wait) == PollOutcome.Records)
                _view.Fold(batch, (offset, detail) => ServerLog.Unreadable(_logger, batch.Source, offset, detail));
            if (!isCurrent && HasCaughtUp())
            {
                isCurrent = true;
                _view.BecomeCurrent();
                ServerLog.Current(_logger);
            }

            if (_deadLetters.Poll(rejected, DeadLettersAtATime, TimeSpan.Zero) == PollOutcome.Records)
                Count(rejected);
        }
    }

    private bool HasCaughtUp()
    {
        foreach (var (partition, end) in _behind)
        {
            if (_consumer.Position(partition) >= end)
                _behind.Remove(partition);
        }

        return _behind.Count == 0;
    }

    private void Count(RecordBatch batch)
    {
        for (var index = 0; index < batch.Count; index++)
        {
            try
            {
                var reader = new ProtoReader(batch[index].Value);
                if (reader.Next() && reader.Field == 1)
                    _metrics.DeadLetter((DeadLetterCause)reader.Int32());
            }
            catch (WireFormatException exception)
            {
                ServerLog.Unreadable(_logger, batch.Source, batch[index].Offset, exception.Message);
            }
        }
    }
}
