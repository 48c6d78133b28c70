using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// Measures this machine and publishes its usage to the topic telemetry, one sample an interval. Measuring and publishing are apart, a buffer
/// between them: while nothing can be published, for whatever reason, the machine is measured all the same.
/// </summary>
/// <param name="open">Opens the way to the topic, when it is needed and again after each failure.</param>
/// <param name="clock">Dates the samples; this is an edge.</param>
/// <param name="report">Takes what went wrong and what became of it, a line each.</param>
public sealed class TelemetryAgent(
    SampleBuffer buffer, Func<ILogAppender> open, Topics topics, AgentOptions options, TimeProvider clock, Action<string> report) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly HostSampler _sampler = new(options.Root);
    private readonly SamplePublisher _publisher = new(buffer, open, topics.Telemetry, options.VmId, clock, report);
    private readonly SemaphoreSlim _added = new(0);
    private readonly ProtoWriter _writer = new();

    /// <summary>Samples acknowledged since the start.</summary>
    public long Published => _publisher.Published;

    /// <summary>Looks every second and publishes every interval, until it is cancelled or cannot measure.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (buffer.State is { Waiting: > 0 } before)
            report($"{before.Waiting} samples of before wait in the buffer, the oldest of {before.Oldest}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var publishing = Task.Factory.StartNew(() => Publish(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _ = publishing.ContinueWith(_ => stop.Cancel(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        using var timer = new PeriodicTimer(Look, clock);
        try
        {
            do
            {
                Beat();
            }
            while (await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Stopped: the interval that was running is not published, for it has not ended.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // Somebody who does not answer is not waited for: what is under way stays in the buffer.
            await Task.WhenAny(publishing, Task.Delay(Farewell, CancellationToken.None)).ConfigureAwait(false);
        }

        if (publishing.IsFaulted)
            await publishing.ConfigureAwait(false);
    }

    /// <summary>One look at the machine; at the end of an interval, its sample is in the buffer.</summary>
    public void Beat()
    {
        // The wall clock dates samples and may be set; how long an interval has lasted is told by the other one.
        var at = clock.GetElapsedTime(0);
        _sampler.Observe(at);
        // A look comes a little early or late: an interval ends with the one that is nearest to its end.
        if (_sampler.Elapsed(at) < options.Every - (Look / 2))
            return;
        var now = EventTime.From(clock.GetUtcNow());
        _writer.Clear();
        _sampler.WriteSample(options.VmId, now, at, _writer);
        buffer.Add(now, _writer.Written);
        _added.Release();
    }

    /// <summary>Publishes what waits; what fails waits on.</summary>
    public void PublishAll(CancellationToken cancellationToken) => _publisher.PublishAll(cancellationToken);

    public void Dispose()
    {
        _publisher.Dispose();
        _added.Dispose();
    }

    private void Publish(CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                PublishAll(cancellationToken);
                _added.Wait(cancellationToken);
            }
            while (true);
        }
        catch (OperationCanceledException)
        {
            // Stopped: what was not acknowledged is published by the next start.
        }
    }
}
