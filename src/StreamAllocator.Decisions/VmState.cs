using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>
/// All that a pool remembers of one VM, without its texts. Unmanaged and without padding, so that a snapshot is its bytes.
/// </summary>
/// <remarks>
/// Bytes of one VM:
/// <code>
/// outlook levels                                   8 × 4 =  32
/// outlook dwell quantiles                         52 × 4 = 208
/// per resource   10 amounts and times + 12 maxima 2 × 128 = 256
/// revision, times, evidence                       10 × 8 =  80
/// flags, counters                                  8 × 4 =  32
/// together                                                608
/// beside it: row in the look-up, order, references        ≈ 120; inventory and texts as long as they are
/// </code>
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VmState
{
    public ResourceStates Resources;

    /// <summary>Newest revision given out, or seen on a read-back.</summary>
    public long Revision;

    /// <summary>Expiry of the command that has not been read back; <see cref="Never"/> where there is none.</summary>
    public long UnansweredExpiryMs;

    /// <summary>When the newest read-back was made.</summary>
    public long ObservedMs;

    /// <summary>Since when the observed size stands.</summary>
    public long SizeSinceMs;

    /// <summary>When the size last changed or was told to.</summary>
    public long LastChangeMs;

    public long RetryMs;

    public long HeldUntilMs;

    /// <summary>Origin of the outlook; <see cref="Never"/> before the first.</summary>
    public long OriginMs;

    /// <summary>Index of the newest bucket of the recent maxima.</summary>
    public long RecentBucket;

    public int DataAgeWindows;
    public OutlookFlags Flags;
    public HoldKind Hold;

    /// <summary>1 where a person's request has not had its first decision yet.</summary>
    public int RequestPending;

    /// <summary>1 where its source of telemetry lags and is left out.</summary>
    public int SourceStale;

    /// <summary>Commands that failed in a row.</summary>
    public int Failures;

    /// <summary>Permits denied in a row.</summary>
    public int Denials;

    /// <summary>Evidence that came between two windows.</summary>
    public OutlookFlags Evidence;

    /// <summary>When that evidence was seen.</summary>
    public long EvidenceMs;

    public OutlookLevels Levels;
    public OutlookQuantiles Quantiles;

    public const long Never = long.MinValue;

    public readonly bool HasOutlook => OriginMs != Never;

    public static VmState Of(VmSpec spec)
    {
        var state = new VmState
        {
            UnansweredExpiryMs = Never,
            ObservedMs = Never,
            SizeSinceMs = Never,
            LastChangeMs = Never,
            RetryMs = Never,
            HeldUntilMs = Never,
            OriginMs = Never,
            RecentBucket = Never,
            EvidenceMs = Never,
        };
        for (var resource = 0; resource < Domain.Resources.ResizableCount; resource++)
        {
            var size = spec.Provisioned[(Resource)resource];
            state.Resources[resource] = new ResourceState
            {
                Observed = size,
                Held = size,
                LastGood = size,
                PreviousGood = size,
                LowSinceMs = Never,
                ProbeUntilMs = Never,
            };
        }

        return state;
    }

    public readonly VmSize Observed => new(Resources[0].Observed, Resources[1].Observed);
}

/// <summary>What a person did to a VM.</summary>
internal enum HoldKind
{
    None = 0,
    Hold = 1,
    Adjust = 2,
    Rollback = 3,
}

[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct ResourceState
{
    /// <summary>Read back last; as provisioned before the first read-back.</summary>
    public double Observed;

    /// <summary>What counts against the capacity: the larger of wanted and observed until read back.</summary>
    public double Held;

    public double LastGood;
    public double PreviousGood;

    /// <summary>What a person asked for.</summary>
    public double Requested;

    public double ProbeSize;

    /// <summary>Largest size wanted since <see cref="LowSinceMs"/>.</summary>
    public double LowMax;

    /// <summary>Smallest step of its host.</summary>
    public double Granularity;

    public long ProbeUntilMs;

    /// <summary>Since when a smaller size has been enough.</summary>
    public long LowSinceMs;

    public RecentMaxima Recent;
}

[InlineArray(Domain.Resources.ResizableCount)]
internal struct ResourceStates
{
    private ResourceState _first;
}

[InlineArray(RecentMaximum.Buckets)]
internal struct RecentMaxima
{
    private float _first;
}

[InlineArray(DemandOutlook.LevelCount)]
internal struct OutlookLevels
{
    private float _first;
}

[InlineArray(DemandOutlook.DwellCount)]
internal struct OutlookQuantiles
{
    private float _first;
}
