using System.Diagnostics.CodeAnalysis;
using System.Text;
using Akka.Streams;
using Akka.Streams.Stage;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Streams;

/// <summary>
/// Emits what a reader without a group polls, once per demand, empty polls included, on a thread of its own. Where it is told up to which
/// offsets, it completes there.
/// </summary>
/// <param name="from">For each partition of the topic the offset to begin with.</param>
/// <param name="until">For each partition the offset before which to end; null reads on and on.</param>
internal sealed class LiveSource(IEventLog log, string topic, long[] from, long[]? until, LiveFeedOptions options)
    : GraphStage<SourceShape<LiveBatch>>
{
    private readonly Outlet<LiveBatch> _batches = new("LiveSource.batches");

    public override SourceShape<LiveBatch> Shape => new(_batches);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this, log, topic, from, until, options);

    [SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A stage ends with PostStop")]
    private sealed class Logic : OutGraphStageLogic
    {
        private readonly RecordBatch _batch = new();
        private readonly Outlet<LiveBatch> _batches;
        private readonly IEventLog _log;
        private readonly string _topic;
        private readonly long[] _next;
        private readonly long[]? _until;
        private readonly LiveFeedOptions _options;
        private ILogConsumer? _reader;

        public Logic(LiveSource stage, IEventLog log, string topic, long[] from, long[]? until, LiveFeedOptions options)
            : base(stage.Shape)
        {
            _batches = stage._batches;
            _log = log;
            _topic = topic;
            _next = [.. from];
            _until = until;
            _options = options;
            SetHandler(_batches, this);
        }

        public override void PreStart()
        {
            _reader = _log.Read([.. Enumerable.Range(0, _next.Length).Select(partition => new TopicPartition(_topic, partition))]);
            for (var partition = 0; partition < _next.Length; partition++)
                _reader.Seek(new TopicPartition(_topic, partition), _next[partition]);
        }

        public override void OnPull()
        {
            if (HasReachedEnd())
            {
                CompleteStage();
                return;
            }

            long[] before = [.. _next];
            var outcome = _reader!.Poll(_batch, _options.BatchSize, _until is null ? _options.PollWait : _options.CatchUpWait);
            if (outcome == PollOutcome.Idle && _until is not null)
                CompleteStage();
            else
                Push(_batches, new LiveBatch(Copy(), before));
        }

        public override void PostStop()
        {
            _reader?.Dispose();
            _batch.Dispose();
        }

        private bool HasReachedEnd()
        {
            if (_until is null)
                return false;
            for (var partition = 0; partition < _next.Length; partition++)
            {
                if (_next[partition] < _until[partition])
                    return false;
            }

            return true;
        }

        private LiveRecord[] Copy()
        {
            var records = new LiveRecord[_batch.Count];
            for (var i = 0; i < records.Length; i++)
            {
                var record = _batch[i];
                RecordHeaders.TryFind(record.Headers, "schema"u8, out var schema);
                records[i] = new LiveRecord(
                    _batch.Source, record.Offset, record.Time, record.Key.ToArray(), Encoding.UTF8.GetString(schema), record.Value.ToArray());
                _next[_batch.Source.Partition] = record.Offset + 1;
            }

            return records;
        }
    }
}
