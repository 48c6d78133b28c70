using StreamAllocator.Domain;

namespace StreamAllocator.Server.Contract;

/// <summary>An order to a hypervisor: an absolute size.</summary>
/// <param name="Expiry">Not to be applied after this time.</param>
/// <param name="Placement">Host or offer to be placed on; null stays.</param>
public sealed record CommandAnswer(
    string VmId,
    string PoolId,
    long Revision,
    SizeAnswer Target,
    SizeAnswer Expected,
    DateTime Issued,
    DateTime Expiry,
    string? Placement,
    IReadOnlyList<string> Reasons)
{
    public static CommandAnswer Of(ResizeCommand command) => new(
        command.VmId,
        command.PoolId,
        command.Revision,
        SizeAnswer.Of(command.Target),
        SizeAnswer.Of(command.Expected),
        Json.Time(command.Issued),
        Json.Time(command.Expiry),
        Json.Text(command.Placement),
        command.Reasons);
}
