namespace StreamAllocator.Domain;

/// <summary>Why an input could not be used. The values are those of the wire.</summary>
public enum DeadLetterCause
{
    /// <summary>Not the message it was announced as.</summary>
    Malformed = 1,

    UnknownSchema = 2,

    NotFinite = 3,

    Negative = 4,

    FutureDated = 5,

    Oversized = 6,

    UnknownVm = 7,

    /// <summary>An identifier, interval or other field out of its range.</summary>
    Invalid = 8,

    /// <summary>Its window was closed (topic <c>late</c>).</summary>
    Late = 9,

    /// <summary>It made the step fail for one VM, which is left alone from then on.</summary>
    Quarantined = 10,

    /// <summary>Application metrics beyond those that a VM may have; the rest of their sample counts.</summary>
    TooManyMetrics = 11,

    /// <summary>A store would not take what was made of it.</summary>
    Refused = 12,
}
