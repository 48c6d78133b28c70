using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Model releases that wait for their window, and the newest one of each class that is in force.</summary>
internal sealed class Releases
{
    private readonly List<ModelRelease> _pending = [];
    private readonly SortedDictionary<string, ModelRelease> _inForce = new(StringComparer.Ordinal);

    public void Add(ModelRelease release)
    {
        if (release.Role == ModelRole.Champion)
            _pending.Add(release);
    }

    /// <summary>Takes up what is effective at the end of this window: by effective time, then version.</summary>
    public void Apply(EventTime end, VmRoster vms, ForecastEngine engine)
    {
        if (_pending.Count == 0)
            return;
        _pending.Sort(static (left, right) => (left.Effective, left.Version).CompareTo((right.Effective, right.Version)));
        while (_pending.Count > 0 && _pending[0].Effective <= end)
        {
            var release = _pending[0];
            _pending.RemoveAt(0);
            _inForce[release.JobClass] = release;
            for (var row = 0; row < vms.Count; row++)
            {
                if (Serves(release, vms[row].Spec.JobClass))
                    TakeUp(release, vms[row], row, engine);
            }
        }
    }

    /// <summary>What a VM that is new starts with.</summary>
    public void ApplyNewest(string jobClass, VmRoster.Entry vm, int row, ForecastEngine engine)
    {
        if (_inForce.TryGetValue(jobClass, out var release) || _inForce.TryGetValue("", out release))
            TakeUp(release, vm, row, engine);
    }

    public void Save(IBufferWriter<byte> to)
    {
        var state = new StateWriter(to);
        state.Messages(_pending, ModelReleaseCodec.WriteFields);
        state.Messages(_inForce.Values, ModelReleaseCodec.WriteFields);
    }

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _pending.AddRange(state.Messages(ModelReleaseCodec.Read));
        foreach (var release in state.Messages(ModelReleaseCodec.Read))
            _inForce.Add(release.JobClass, release);
    }

    /// <summary>The fleet's release serves the classes that have none of their own.</summary>
    private bool Serves(ModelRelease release, string jobClass) =>
        release.JobClass == jobClass || (release.JobClass.Length == 0 && !_inForce.ContainsKey(jobClass));

    private static void TakeUp(ModelRelease release, VmRoster.Entry vm, int row, ForecastEngine engine)
    {
        engine.SetParameters(row, release.Smoothing);
        vm.ModelVersion = release.Name;
    }
}
