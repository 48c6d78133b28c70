namespace StreamAllocator.Windowing;

public enum SampleVerdict
{
    Accepted,

    /// <summary>Of the same VM and event time as its newest sample: counted once.</summary>
    Duplicate,

    /// <summary>Its window is closed.</summary>
    Late,

    /// <summary>Its window lies beyond those that are kept open.</summary>
    TooFarAhead,
}
