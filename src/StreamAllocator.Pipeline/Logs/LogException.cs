namespace StreamAllocator.Pipeline.Logs;

/// <summary>The log refused or failed; the message says what, where and what to do.</summary>
public class LogException : Exception
{
    public LogException(string message)
        : base(message)
    {
    }

    public LogException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>Somebody else owns what this producer or member thought its own. Nothing was committed.</summary>
public sealed class LogFencedException(string message) : LogException(message);

/// <summary>The group is dealing its partitions out anew. Nothing was committed; after a poll, which tells what was lost, the same may be sent and committed.</summary>
public sealed class LogRebalancingException(string message) : LogException(message);

/// <summary>The commit may have taken place or not.</summary>
public sealed class LogOutcomeUnknownException : LogException
{
    public LogOutcomeUnknownException(string message)
        : base(message)
    {
    }

    public LogOutcomeUnknownException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
