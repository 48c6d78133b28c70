namespace StreamAllocator.Domain;

/// <summary>
/// One decision of one VM in one round, hold included. Mutable and reused by its maker: whoever keeps it copies it
/// (<see cref="CopyFrom"/>). One thread.
/// </summary>
public sealed class Decision
{
    private const int InitialSteps = 32;
    private DecisionStep[] _steps = new DecisionStep[InitialSteps];
    private int _stepCount;

    public string VmId { get; set; } = "";

    public string PoolId { get; set; } = "";

    /// <summary>The tick of the round.</summary>
    public EventTime EventTime { get; set; }

    public DecisionKind Kind { get; set; } = DecisionKind.Hold;

    /// <summary>The binding reason: of the resource that decided.</summary>
    public DecisionReason Reason { get; set; }

    public DecisionReason CpuReason { get; set; }

    public DecisionReason MemoryReason { get; set; }

    public Priority Priority { get; set; }

    /// <summary>The k of the threshold.</summary>
    public double K { get; set; }

    /// <summary>The promised share of hours whose maximum exceeds the size.</summary>
    public double Alpha { get; set; }

    /// <summary>The size that counts as present: the larger of wanted and observed.</summary>
    public VmSize Allocated { get; set; }

    /// <summary>The size after this decision; equal to <see cref="Allocated"/> where nothing changes.</summary>
    public VmSize Target { get; set; }

    /// <summary>What has to hold in any case: the median of the next hour's maximum, within the bounds.</summary>
    public VmSize LowerBound { get; set; }

    /// <summary>More than this never pays: the largest served quantile of the next hour's maximum, within the bounds.</summary>
    public VmSize UpperBound { get; set; }

    /// <summary>The target if nothing bound it: no bounds, steps or permits.</summary>
    public VmSize UncappedTarget { get; set; }

    /// <summary>The size it would be with <see cref="CounterfactualAlpha"/>, the next stricter level.</summary>
    public VmSize Counterfactual { get; set; }

    public double CounterfactualAlpha { get; set; }

    /// <summary>The VM's newest revision, this decision's command included.</summary>
    public long Revision { get; set; }

    /// <summary>Origin of the forecast used; unknown where there is none.</summary>
    public EventTime ForecastOrigin { get; set; } = EventTime.Unknown;

    public int DataAgeWindows { get; set; }

    public string ModelVersion { get; set; } = "";

    /// <summary>The offer chosen; empty where none was.</summary>
    public string OfferId { get; set; } = "";

    /// <summary>The request that this answers, or that holds the VM; empty is the policy alone.</summary>
    public string RequestId { get; set; } = "";

    public ResizeCommand? Command { get; set; }

    /// <summary>The chain of steps in order, CPU first.</summary>
    public ReadOnlySpan<DecisionStep> Steps => _steps.AsSpan(0, _stepCount);

    public void AddStep(DecisionStepKind kind, Resource resource, double value)
    {
        if (_stepCount == _steps.Length)
            Array.Resize(ref _steps, 2 * _steps.Length);
        _steps[_stepCount++] = new DecisionStep(kind, resource, (float)value);
    }

    public void ClearSteps() => _stepCount = 0;

    /// <summary>The value of a step, or NaN where the chain did not pass it.</summary>
    public float ValueOf(DecisionStepKind kind, Resource resource)
    {
        foreach (var step in Steps)
        {
            if (step.Kind == kind && step.Resource == resource)
                return step.Value;
        }

        return float.NaN;
    }

    public DecisionReason ReasonOf(Resource resource) => resource switch
    {
        Resource.Cpu => CpuReason,
        Resource.Memory => MemoryReason,
        _ => throw new ArgumentOutOfRangeException(nameof(resource), resource, "only CPU and memory are decided"),
    };

    public void CopyFrom(Decision other)
    {
        VmId = other.VmId;
        PoolId = other.PoolId;
        EventTime = other.EventTime;
        Kind = other.Kind;
        Reason = other.Reason;
        CpuReason = other.CpuReason;
        MemoryReason = other.MemoryReason;
        Priority = other.Priority;
        K = other.K;
        Alpha = other.Alpha;
        Allocated = other.Allocated;
        Target = other.Target;
        LowerBound = other.LowerBound;
        UpperBound = other.UpperBound;
        UncappedTarget = other.UncappedTarget;
        Counterfactual = other.Counterfactual;
        CounterfactualAlpha = other.CounterfactualAlpha;
        Revision = other.Revision;
        ForecastOrigin = other.ForecastOrigin;
        DataAgeWindows = other.DataAgeWindows;
        ModelVersion = other.ModelVersion;
        OfferId = other.OfferId;
        RequestId = other.RequestId;
        Command = other.Command;
        ClearSteps();
        foreach (var step in other.Steps)
            AddStep(step.Kind, step.Resource, step.Value);
    }
}
