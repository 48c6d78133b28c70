using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// Publishes this machine's usage to the topic telemetry, one record an interval. Samples that the log refuses wait for the next interval, up to
/// an hour of them; whether a commit of unknown outcome took place is not asked: those samples count as published. Belongs to one thread.
/// </summary>
/// <param name="partitions">Partitions of the topic telemetry.</param>
/// <param name="clock">Dates the samples; this is an edge.</param>
/// <param name="report">Takes what went wrong and what became of it, a line each.</param>
public sealed class TelemetryAgent(
    IEventLog log, Topics topics, int partitions, AgentOptions options, TimeProvider clock, Action<string> report) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly HostSampler _sampler = new(options.Root);
    private readonly TopicPartition _target = new(topics.Telemetry, StableHash.Partition(options.VmId, partitions));
    private readonly byte[] _key = Encoding.UTF8.GetBytes(options.VmId);
    private readonly OutputBatch _waiting = new();
    private readonly ProtoWriter _writer = new();
    private ILogProducer? _producer;

    /// <summary>Samples published since the start.</summary>
    public long Published { get; private set; }

    /// <summary>Looks every second and publishes every interval, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Look, clock);
        try
        {
            do
            {
                Beat();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Stopped: the interval that was running is not published, for it has not ended.
        }
    }

    /// <summary>One look at the machine; at the end of an interval, its sample is published.</summary>
    public void Beat()
    {
        var now = EventTime.From(clock.GetUtcNow());
        _sampler.Observe(now);
        // A look comes a little early or late: an interval ends with the one that is nearest to its end.
        if (now - _sampler.Start < options.Every - (Look / 2))
            return;
        _writer.Clear();
        _sampler.WriteSample(options.VmId, now, _writer);
        _waiting.Append(_target, now, _key, SchemaHeaders.Telemetry, _writer.Written);
        Publish();
    }

    public void Dispose()
    {
        _producer?.Dispose();
        _waiting.Dispose();
    }

    private void Publish()
    {
        try
        {
            _producer ??= log.OpenProducer($"agent-{options.VmId}");
            _producer.Send(_waiting);
            _producer.Commit(null, []);
            Published += _waiting.Count;
            _waiting.Clear();
        }
        catch (LogException exception)
        {
            _producer?.Dispose();
            _producer = null;
            var given = exception is LogOutcomeUnknownException;
            if (given || _waiting.Count * options.Every > TimeSpan.FromHours(1))
            {
                report($"{exception.Message}: {_waiting.Count} samples {(given ? "may not have been published" : "given up")}");
                _waiting.Clear();
            }
            else
            {
                report($"{exception.Message}: {_waiting.Count} samples wait for the next interval");
            }
        }
    }
}
