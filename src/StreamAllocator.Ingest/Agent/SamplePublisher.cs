using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// Publishes what waits in the buffer, one record a sample and the next only once the one before was acknowledged; then it crosses that off. Who is killed
/// between the two publishes it again, and ingest tells it by source and number. Belongs to one thread.
/// </summary>
/// <param name="open">Opens the way to the topic, again after each failure; may fail as often as it likes.</param>
/// <param name="report">Takes what went wrong and what became of it, a line each: the first at once, then one a minute.</param>
internal sealed class SamplePublisher(
    SampleBuffer buffer, Func<ILogAppender> open, string topic, string vmId, TimeProvider clock, Action<string> report) : IDisposable
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly byte[] _key = Encoding.UTF8.GetBytes(vmId);
    private readonly ProtoWriter _writer = new();
    private ILogAppender? _appender;
    private DateTimeOffset _reported;
    private long _waited;
    private long _givenUp;

    /// <summary>Samples acknowledged since the start.</summary>
    public long Published { get; private set; }

    /// <summary>Publishes until nothing waits, or until it fails.</summary>
    /// <exception cref="OperationCanceledException">Stopped; what was under way is published again by the next.</exception>
    public void PublishAll(CancellationToken cancellationToken)
    {
        try
        {
            while (buffer.Next() is { } sample)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _appender ??= open();
                _appender.Append(topic, sample.Time, _key, SchemaHeaders.Telemetry, Message(sample), cancellationToken);
                buffer.CrossOff();
                Published++;
            }

            TellRecovery();
        }
        catch (LogException failure)
        {
            Close();
            TellFailure(failure);
        }

        TellGivenUp();
    }

    public void Dispose() => Close();

    private ReadOnlySpan<byte> Message(BufferedSample sample)
    {
        _writer.Clear();
        var mark = _writer.Begin(1);
        _writer.Encoded(sample.Fields);
        _writer.Int64(17, (long)sample.Number);
        _writer.End(mark);
        if (sample.Number > 0)
            _writer.Text(3, buffer.Source);
        return _writer.Written;
    }

    private void Close()
    {
        _appender?.Dispose();
        _appender = null;
    }

    private void TellFailure(LogException failure)
    {
        var (waiting, oldest) = buffer.State;
        _waited = Math.Max(_waited, waiting);
        var now = clock.GetUtcNow();
        if (now - _reported < ReportEvery && now >= _reported)
            return;
        _reported = now;
        report($"{failure.Message}: {waiting} samples wait in the buffer{Age(oldest)}; the next sample tries again");
    }

    private void TellRecovery()
    {
        if (_waited > 0)
            report($"published again: nothing waits any more of the {_waited} samples that did");
        _waited = 0;
        _reported = default;
    }

    private void TellGivenUp()
    {
        if (buffer.GivenUp is var all && all == _givenUp)
            return;
        report($"the buffer was full: {all - _givenUp} samples were given up, the oldest first");
        _givenUp = all;
    }

    private string Age(EventTime oldest) =>
        oldest == EventTime.Unknown ? "" : $", the oldest for {(EventTime.From(clock.GetUtcNow()) - oldest).TotalSeconds:0} s";
}
