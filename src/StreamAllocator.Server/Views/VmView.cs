using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Server.Views;

/// <summary>The newest of everything about one VM. Records stay encoded until somebody asks. Guarded by the gate of <see cref="FleetView"/>.</summary>
internal sealed class VmView(int maxDecisions)
{
    private readonly Queue<byte[]> _decisions = new();

    /// <summary>Null while only its outputs have been seen, not its inventory.</summary>
    public VmSpec? Spec { get; set; }

    public byte[]? Forecast { get; set; }

    public EventTime ForecastOrigin { get; set; }

    public byte[]? Features { get; set; }

    public Decision? Decision { get; private set; }

    public Allocation? Allocation { get; set; }

    /// <summary>Encoded, oldest first.</summary>
    public IReadOnlyCollection<byte[]> Decisions => _decisions;

    /// <summary>The size that was read back last; as provisioned where none was.</summary>
    public VmSize Observed => Allocation?.Observed ?? Spec!.Provisioned;

    /// <summary>What it holds of its pool: the larger of wanted and observed.</summary>
    public VmSize Held => Decision is { } decision && decision.Revision > (Allocation?.Revision ?? 0)
        ? VmSize.Max(decision.Target, Observed)
        : Observed;

    public void Add(Decision decision, byte[] encoded)
    {
        Decision = decision;
        if (_decisions.Count == maxDecisions)
            _decisions.Dequeue();
        _decisions.Enqueue(encoded);
    }

    public VmAnswer Answer(VmSpec spec) => new(
        spec.VmId,
        spec.PoolId,
        spec.Priority,
        spec.TimeZone,
        spec.JobClass,
        SizeAnswer.Of(spec.Provisioned),
        SizeAnswer.Of(spec.Lower),
        SizeAnswer.Of(spec.Upper),
        SizeAnswer.Of(Observed),
        Allocation is { } allocation ? Json.Time(allocation.ObservedAt) : null,
        Allocation?.Revision ?? 0,
        Allocation?.Outcome,
        Json.Text(Allocation?.HostId ?? ""),
        Features is null ? null : Usage(Wire.Features.Parser.ParseFrom(Features)),
        Forecast is null ? null : Json.Time(ForecastOrigin),
        Decision is null
            ? null
            : new VmDecisionAnswer(
                Json.Time(Decision.EventTime),
                Decision.Kind,
                Decision.Reason,
                SizeAnswer.Of(Decision.Target),
                Json.Text(Decision.RequestId)));

    private static UsageAnswer Usage(Wire.Features window)
    {
        return new UsageAnswer(
            Json.Time(window.StartMs),
            Json.Time(window.EndMs),
            At(window.Mean, Resource.Cpu),
            At(window.Max, Resource.Cpu),
            At(window.Mean, Resource.Memory),
            At(window.Max, Resource.Memory),
            At(window.Mean, Resource.Disk),
            At(window.Mean, Resource.Network),
            Censored(Resource.Cpu),
            Censored(Resource.Memory));

        static float? At(IReadOnlyList<float> column, Resource resource) =>
            (int)resource < column.Count ? Json.Number(column[(int)resource]) : null;
        bool Censored(Resource resource) => (int)resource < window.Censored.Count && window.Censored[(int)resource];
    }
}
