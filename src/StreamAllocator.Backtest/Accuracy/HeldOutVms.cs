using System.Text;
using StreamAllocator.Backtest.Traces;

namespace StreamAllocator.Backtest.Accuracy;

/// <summary>The VMs that nothing is ever trained or tuned on: the fifth with the lowest FNV-1a (64 bit) of the id.</summary>
public static class HeldOutVms
{
    /// <summary>Dense indices, ascending.</summary>
    public static int[] Of(VmNames vms)
    {
        var all = Enumerable.Range(0, vms.Count).ToArray();
        return [.. all.OrderBy(vm => Fnv1a(vms[vm])).ThenBy(vm => vms[vm], StringComparer.Ordinal).Take(vms.Count / 5).Order()];
    }

    internal static ulong Fnv1a(string id)
    {
        var hash = 14695981039346656037;
        foreach (var value in Encoding.UTF8.GetBytes(id))
            hash = unchecked((hash ^ value) * 1099511628211);
        return hash;
    }
}
