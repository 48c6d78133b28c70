using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StreamAllocator.Streams.Tests;

internal sealed class SeenMessages : ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text, Exception? Failure)> All { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        All.Enqueue((logLevel, formatter(state, exception), exception));
}
