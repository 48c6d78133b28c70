using StreamAllocator.Domain;

namespace StreamAllocator.Training.Fitting;

/// <summary>Loss over usage, both summed, of one resource.</summary>
internal struct LossSum
{
    public double Loss;
    public double Usage;
}

/// <summary>The sums of the four resources, whose units do not add up.</summary>
internal sealed class LossSums
{
    private readonly LossSum[] _sums = new LossSum[Resources.Count];

    public ref LossSum Of(int resource) => ref _sums[resource];

    /// <summary>Mean over the resources in use of loss per usage; NaN where none is in use.</summary>
    public double Mean()
    {
        var (sum, count) = (0.0, 0);
        foreach (var resource in _sums)
        {
            if (!(resource.Usage > 0))
                continue;
            sum += resource.Loss / resource.Usage;
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
