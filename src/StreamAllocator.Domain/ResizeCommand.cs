namespace StreamAllocator.Domain;

/// <summary>An absolute target for one VM: an executor may apply it once, in order, and only while it still holds.</summary>
/// <param name="Revision">Ascends per VM from 1; an executor refuses one that is not newer than the last.</param>
/// <param name="Target">The size to reach, absolute.</param>
/// <param name="Expected">The size that the decision took for granted; an executor that finds another one refuses.</param>
/// <param name="Fence">Epoch of the deciding task; an executor refuses an older one.</param>
/// <param name="Issued">Event time of the decision.</param>
/// <param name="Expiry">Not to be applied at or after this time.</param>
/// <param name="Placement">Host or offer to be placed on; empty stays where it is.</param>
/// <param name="Reasons">Why, one line each.</param>
/// <param name="RunId">Of a replay; live executors refuse it. Empty is live.</param>
public sealed record ResizeCommand(
    string VmId,
    string PoolId,
    long Revision,
    VmSize Target,
    VmSize Expected,
    long Fence,
    EventTime Issued,
    EventTime Expiry,
    string Placement,
    IReadOnlyList<string> Reasons,
    string RunId = "");
