namespace StreamAllocator.Decisions;

/// <summary>What a priority means: k and α are two faces of one setting, and both are printed with every decision.</summary>
/// <param name="K">Standard deviations that the forecast mean may exceed the current usage by before it acts; 0 or more.</param>
/// <param name="Alpha">Promised share of hours whose maximum exceeds the size; above 0, at most 0.5.</param>
/// <param name="MaxInterruptionsPerHour">Spot offers that are interrupted more often are never chosen.</param>
public readonly record struct PriorityRule(double K, double Alpha, double MaxInterruptionsPerHour);
