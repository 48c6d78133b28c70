using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Server;

internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "HTTP API at {Address}")]
    public static partial void Listening(ILogger logger, Uri address);

    [LoggerMessage(Level = LogLevel.Information, Message = "The views hold all that the log held at the start")]
    public static partial void Current(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Record {Offset} of {Source} is not shown: {Detail}")]
    public static partial void Unreadable(ILogger logger, TopicPartition source, long offset, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The views have stopped: the log failed")]
    public static partial void ReadingFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Request {RequestId} of {RequestedBy}: {Kind} for {Target}")]
    public static partial void Requested(ILogger logger, string requestId, string requestedBy, string kind, string target);
}
