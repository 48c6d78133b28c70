using Microsoft.Extensions.Logging;

namespace StreamAllocator.History;

internal static partial class HistoryMessages
{
    [LoggerMessage(LogLevel.Warning, "{Store} takes no points: {Cause}. The topics keep them, and history goes on once it does")]
    public static partial void Unavailable(this ILogger logger, HistoryOptions store, string cause);

    [LoggerMessage(LogLevel.Warning, "{Store} takes points again, after {Outage}; nothing is lost")]
    public static partial void Available(this ILogger logger, HistoryOptions store, TimeSpan outage);

    [LoggerMessage(LogLevel.Warning, "{Store} does not keep all: {Cause}. Said once; such points are left out")]
    public static partial void Expired(this ILogger logger, HistoryOptions store, string cause);

    [LoggerMessage(LogLevel.Warning, "History could not use {Refused} of {Records} records of {Source}, the first because: {Cause}. They are in dead-letter")]
    public static partial void Refused(this ILogger logger, int refused, int records, string source, string cause);

    [LoggerMessage(LogLevel.Warning, "Records {From} to {To} (exclusive) of {Source} are not in the history: retention took them before they were read")]
    public static partial void Missed(this ILogger logger, string source, long from, long to);

    [LoggerMessage(LogLevel.Warning, "History failed and goes on from the committed offsets")]
    public static partial void SessionFailed(this ILogger logger, Exception failure);
}
