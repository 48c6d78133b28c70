using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StreamAllocator.History.Tests;

internal sealed class SeenMessages : ILogger
{
    public ConcurrentQueue<string> All { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        All.Enqueue(formatter(state, exception) + (exception is null ? "" : $": {exception.Message}"));

    public int Count(string part) => All.Count(message => message.Contains(part, StringComparison.Ordinal));
}
