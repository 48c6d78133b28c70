using Microsoft.Extensions.Logging;

namespace StreamAllocator.Cli.Output;

/// <summary>Keeps the newest warnings for the view, and hands each on at once where there is no view. Thread-safe.</summary>
internal sealed class Notices(Action<string>? print) : ILogger
{
    private const int Kept = 3;

    private readonly Lock _gate = new();
    private readonly Queue<string> _newest = new();

    public IReadOnlyList<string> Newest
    {
        get
        {
            lock (_gate)
            {
                return [.. _newest];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var line = formatter(state, exception) + (exception is null ? "" : $": {exception.GetBaseException().Message}");
        lock (_gate)
        {
            if (_newest.Count == Kept)
                _newest.Dequeue();
            _newest.Enqueue(line);
        }

        print?.Invoke(line);
    }
}
