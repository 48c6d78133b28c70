using Microsoft.Extensions.Logging;

namespace StreamAllocator.Streams;

internal static partial class ShardMessages
{
    [LoggerMessage(LogLevel.Warning, "Shard {Shard} of {Group} failed and will be opened anew from the committed offsets")]
    public static partial void ShardFailed(this ILogger logger, Exception failure, string group, string shard);

    [LoggerMessage(LogLevel.Critical, "Shard {Shard} of {Group} failed {Restarts} times within {Within}: everything stops")]
    public static partial void ShardGaveUp(this ILogger logger, Exception failure, string group, string shard, int restarts, TimeSpan within);

    [LoggerMessage(LogLevel.Warning, "Shard {Shard} of {Group} did not end in good order; the next start replays from the last snapshot")]
    public static partial void ShardNotDrained(this ILogger logger, Exception failure, string group, string shard);

    [LoggerMessage(LogLevel.Error, "{Running} of {Shards} shards did not drain within {Timeout} and are given up; nothing uncommitted becomes visible")]
    public static partial void StopTimedOut(this ILogger logger, int running, int shards, TimeSpan timeout);
}
