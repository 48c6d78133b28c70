namespace StreamAllocator.Chaos.Tests.Network;

/// <summary>Where a connection is cut: between a request and its answer the client cannot know whether the broker has done it.</summary>
internal enum CutAt
{
    /// <summary>The broker never gets it.</summary>
    Request,

    /// <summary>The broker gets half of it.</summary>
    HalfOfRequest,

    /// <summary>The broker has done it and answered; the client never hears of it.</summary>
    Answer,

    /// <summary>The client gets half of it.</summary>
    HalfOfAnswer,
}
