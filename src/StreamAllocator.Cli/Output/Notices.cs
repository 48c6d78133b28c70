using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Cli.Output;

/// <summary>
/// Keeps the newest warnings for the view, and hands each on at once where there is no view; one that differs from an earlier one in figures only,
/// as that of a thing tried again and again does, not within a minute. Thread-safe.
/// </summary>
internal sealed class Notices(Action<string>? print) : ILogger
{
    private const int Kept = 3;
    private const int MostKinds = 1000;
    private const long AgainAfterMilliseconds = 60_000;

    private readonly Lock _gate = new();
    private readonly Queue<string> _newest = new();
    private readonly Dictionary<string, long> _told = new(StringComparer.Ordinal);

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
        var line = formatter(state, exception) + (exception is null ? "" : $": {Cause(exception)}");
        lock (_gate)
        {
            if (!IsNews(line))
                return;
            if (_newest.Count == Kept)
                _newest.Dequeue();
            _newest.Enqueue(line);
        }

        print?.Invoke(line);
    }

    /// <summary>What the log says of itself names the topic and what to do; of anything else, the innermost cause.</summary>
    private static string Cause(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is LogException)
                return cause.Message;
        }

        return exception.GetBaseException().Message;
    }

    private bool IsNews(string line)
    {
        var kind = string.Concat(line.Where(character => !char.IsAsciiDigit(character)));
        var now = Environment.TickCount64;
        if (_told.TryGetValue(kind, out var told) && now - told < AgainAfterMilliseconds)
            return false;
        if (_told.Count >= MostKinds)
            _told.Clear();
        _told[kind] = now;
        return true;
    }
}
