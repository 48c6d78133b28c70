using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting;

/// <summary>
/// Reusable buffers: the served forecasts whose target is the window just observed, against what came. One per resource and lead time;
/// the lead-h entry was made h windows ago and is exactly what was served then (rounded to 16 bits, before it was served).
/// </summary>
public sealed class ForecastErrors
{
    private readonly ForecastError[] _errors = new ForecastError[Resources.Count * Horizon.Leads];

    /// <summary>The window whose actual values these are.</summary>
    public long TargetWindow { get; internal set; }

    /// <summary>Entry of lead 1 … 12; <see cref="ForecastError.IsKnown"/> is false where the actual or the forecast is missing.</summary>
    public ref readonly ForecastError this[Resource resource, int lead] => ref _errors[((int)resource * Horizon.Leads) + lead - 1];

    internal void Clear(long targetWindow)
    {
        TargetWindow = targetWindow;
        Array.Clear(_errors);
    }

    internal void Set(int resource, int lead, in ForecastError error) => _errors[(resource * Horizon.Leads) + lead - 1] = error;
}

/// <summary>A served forecast against its actual, in the resource's unit.</summary>
/// <param name="Loss">Mean over the nine deciles of 2·pinball loss; a censored actual costs nothing where the quantile is above it.</param>
/// <param name="Censored">The actual was at the allocation: at least this much.</param>
public readonly record struct ForecastError(bool IsKnown, float Actual, float Median, float Lower, float Upper, float Loss, bool Censored);
