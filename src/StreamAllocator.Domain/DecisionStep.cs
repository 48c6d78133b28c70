namespace StreamAllocator.Domain;

/// <summary>One step of the chain from forecast to target: the value after it, in cores or GiB where it is an amount.</summary>
public readonly record struct DecisionStep(DecisionStepKind Kind, Resource Resource, float Value);

/// <summary>The steps of a chain, in their order. The values are those of the wire.</summary>
public enum DecisionStepKind
{
    /// <summary>The size that counts as present: the larger of wanted and observed.</summary>
    Allocated = 1,

    /// <summary>Usage mean of the newest window: "current" in the threshold.</summary>
    Current = 2,

    /// <summary>Usage maximum of the newest window.</summary>
    CurrentMaximum = 3,

    /// <summary>Forecast mean at the planning lead.</summary>
    Mean = 4,

    /// <summary>Forecast standard deviation at the planning lead.</summary>
    Stddev = 5,

    /// <summary>Current + k·stddev.</summary>
    Threshold = 6,

    /// <summary>P(maximum of the next hour &gt; allocated), a ratio.</summary>
    Risk = 7,

    /// <summary>Quantile 1 − α of the maximum of the next hour.</summary>
    QuantileTarget = 8,

    /// <summary>Recent maximum with its margin.</summary>
    Guard = 9,

    /// <summary>The multiplied size of a saturated VM.</summary>
    Probe = 10,

    /// <summary>The largest of the above: what it would get if nothing bound it.</summary>
    Uncapped = 11,

    /// <summary>Within the bounds of the VM.</summary>
    Bounded = 12,

    /// <summary>A way down cut to one bounded step.</summary>
    Stepped = 13,

    /// <summary>Rounded up to what the host can grant.</summary>
    Granular = 14,

    /// <summary>Free capacity of the pool that this VM may draw on.</summary>
    Free = 15,

    /// <summary>What the pool permitted.</summary>
    Permitted = 16,

    /// <summary>The size a person asked for.</summary>
    Requested = 17,

    /// <summary>Price of the chosen offer, money per hour for the whole VM.</summary>
    Price = 18,

    /// <summary>The size after this decision.</summary>
    Final = 19,
}
