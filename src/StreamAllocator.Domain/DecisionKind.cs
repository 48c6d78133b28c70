namespace StreamAllocator.Domain;

/// <summary>What a decision did. The values are those of the wire.</summary>
public enum DecisionKind
{
    /// <summary>Nothing changes.</summary>
    Hold = 1,

    /// <summary>At least one resource grows by a command.</summary>
    Up = 2,

    /// <summary>At least one resource shrinks, and none grows, by a command.</summary>
    Down = 3,

    /// <summary>A change is wanted and allowed, but not in this round (rate limit, back-off).</summary>
    Deferred = 4,

    /// <summary>An increase is wanted, and the pool has nothing to give.</summary>
    Denied = 5,

    /// <summary>A person's request was carried out.</summary>
    Manual = 6,
}

/// <summary>The constraint or the evidence that made a decision what it is. The values are those of the wire.</summary>
public enum DecisionReason
{
    Unspecified = 0,

    /// <summary>The forecast mean stays below the threshold, and the present size meets the promised risk.</summary>
    WithinThreshold = 1,

    /// <summary>The change would be too small to pay.</summary>
    Deadband = 2,

    /// <summary>The last change was too recent.</summary>
    Cooldown = 3,

    /// <summary>Too little history to shrink on.</summary>
    Warming = 4,

    /// <summary>The newest sample is too old to shrink on.</summary>
    Stale = 5,

    /// <summary>A person holds the VM or its pool.</summary>
    HeldByPerson = 6,

    /// <summary>The pool has no free capacity for it.</summary>
    NoCapacity = 7,

    /// <summary>The pool has changed as many VMs in this hour as it may.</summary>
    RateLimit = 8,

    ForecastAboveThreshold = 9,

    /// <summary>Usage met the allocation, or was throttled: probing upwards.</summary>
    Saturated = 10,

    /// <summary>The forecast needs less than the present size.</summary>
    ForecastLow = 11,

    /// <summary>A person asked for this size.</summary>
    Request = 12,

    LowerBound = 13,

    UpperBound = 14,

    /// <summary>The pool could not serve the increase; the cheapest offer that fits does.</summary>
    OfferChosen = 15,

    /// <summary>A smaller size has not been enough for long enough yet.</summary>
    Dwell = 16,

    /// <summary>The last command has not been read back yet.</summary>
    InFlight = 17,

    /// <summary>No forecast has arrived yet.</summary>
    NoForecast = 18,

    /// <summary>The maximum of the next hour exceeds the present size more often than promised.</summary>
    RiskAbovePromise = 19,

    /// <summary>A person asked for the last good size.</summary>
    Rollback = 20,

    /// <summary>Denied or failed lately: waits before it tries again.</summary>
    BackOff = 21,

    /// <summary>What is free is kept for critical VMs.</summary>
    Reserved = 22,

    /// <summary>The guard above the recent maximum keeps the size.</summary>
    RecentMaximum = 23,

    /// <summary>The request would not change anything.</summary>
    AlreadyThere = 24,
}
