using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>A forecast to plan by has finite values, none negative; only the usage may be missing.</summary>
internal static class OutlookCheck
{
    public static bool IsUsable(in DemandOutlook outlook)
    {
        for (var resource = 0; resource < Resources.ResizableCount; resource++)
        {
            if (!IsAmount(outlook.ForecastMean((Resource)resource)) || !IsAmount(outlook.ForecastStddev((Resource)resource)))
                return false;
            if (!IsAmountOrMissing(outlook.UsageMean((Resource)resource)) || !IsAmountOrMissing(outlook.UsageMax((Resource)resource)))
                return false;
        }

        foreach (var quantile in outlook.DwellQuantiles)
        {
            if (!IsAmount(quantile))
                return false;
        }

        return true;
    }

    private static bool IsAmount(float value) => value >= 0 && float.IsFinite(value);

    private static bool IsAmountOrMissing(float value) => IsAmount(value) || float.IsNaN(value);
}
