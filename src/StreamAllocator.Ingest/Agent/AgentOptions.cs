using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Agent;

public sealed record AgentOptions
{
    /// <summary>VM that this machine is in the inventory.</summary>
    public string VmId { get; init; } = Environment.MachineName;

    /// <summary>Length of an interval: one sample each.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where <c>proc</c> and <c>sys</c> are mounted: elsewhere in a container that watches its host.</summary>
    public string Root { get; init; } = "/";

    public IEnumerable<string> Validate()
    {
        if (!Identifier.IsValid(VmId))
            yield return $"agent VM id '{VmId}': expected {Identifier.Expected}";
        if (Every < TimeSpan.FromSeconds(1) || Every > TimeSpan.FromMinutes(5))
            yield return $"agent interval {Every}: expected 1 second to 5 minutes";
        if (!Directory.Exists(Path.Combine(Root, "proc")))
            yield return $"agent root '{Root}': expected a folder that holds proc and sys";
    }
}
