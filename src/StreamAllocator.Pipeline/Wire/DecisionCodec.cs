using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Decision</c>. Belongs to one thread; reuses its columns.</summary>
public sealed class DecisionCodec
{
    private int[] _kinds = new int[64];
    private int[] _resources = new int[64];
    private float[] _values = new float[64];

    public void WriteFields(ProtoWriter writer, Decision decision)
    {
        writer.Text(1, decision.VmId);
        writer.Text(2, decision.PoolId);
        writer.Int64(3, decision.EventTime.UnixMilliseconds);
        writer.Int64(4, (int)decision.Kind);
        writer.Int64(5, (int)decision.Reason);
        writer.Int64(6, (int)decision.CpuReason);
        writer.Int64(7, (int)decision.MemoryReason);
        writer.Int64(8, (int)decision.Priority);
        writer.Double(9, decision.K);
        writer.Double(10, decision.Alpha);
        VmSizeCodec.Write(writer, 11, decision.Allocated);
        VmSizeCodec.Write(writer, 12, decision.Target);
        VmSizeCodec.Write(writer, 13, decision.LowerBound);
        VmSizeCodec.Write(writer, 14, decision.UpperBound);
        VmSizeCodec.Write(writer, 15, decision.UncappedTarget);
        VmSizeCodec.Write(writer, 16, decision.Counterfactual);
        writer.Double(17, decision.CounterfactualAlpha);
        writer.Int64(18, decision.Revision);
        writer.Int64(19, decision.ForecastOrigin == EventTime.Unknown ? 0 : decision.ForecastOrigin.UnixMilliseconds);
        writer.Int64(20, decision.DataAgeWindows);
        writer.Text(21, decision.ModelVersion);
        writer.Text(22, decision.OfferId);
        writer.Text(23, decision.RequestId);
        WriteSteps(writer, decision.Steps);
    }

    public Decision Read(ProtoReader reader)
    {
        var decision = new Decision();
        int kinds = 0, resources = 0, values = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    decision.VmId = reader.Text();
                    break;
                case 2:
                    decision.PoolId = reader.Text();
                    break;
                case 3:
                    decision.EventTime = new EventTime(reader.Int64());
                    break;
                case 4:
                    decision.Kind = (DecisionKind)reader.Int32();
                    break;
                case 5:
                    decision.Reason = (DecisionReason)reader.Int32();
                    break;
                case 6:
                    decision.CpuReason = (DecisionReason)reader.Int32();
                    break;
                case 7:
                    decision.MemoryReason = (DecisionReason)reader.Int32();
                    break;
                case 8:
                    decision.Priority = (Priority)reader.Int32();
                    break;
                case 9:
                    decision.K = reader.Double();
                    break;
                case 10:
                    decision.Alpha = reader.Double();
                    break;
                case 11:
                    decision.Allocated = VmSizeCodec.Read(reader.Message());
                    break;
                case 12:
                    decision.Target = VmSizeCodec.Read(reader.Message());
                    break;
                case 13:
                    decision.LowerBound = VmSizeCodec.Read(reader.Message());
                    break;
                case 14:
                    decision.UpperBound = VmSizeCodec.Read(reader.Message());
                    break;
                case 15:
                    decision.UncappedTarget = VmSizeCodec.Read(reader.Message());
                    break;
                case 16:
                    decision.Counterfactual = VmSizeCodec.Read(reader.Message());
                    break;
                case 17:
                    decision.CounterfactualAlpha = reader.Double();
                    break;
                case 18:
                    decision.Revision = reader.Int64();
                    break;
                case 19:
                    decision.ForecastOrigin = new EventTime(reader.Int64());
                    break;
                case 20:
                    decision.DataAgeWindows = reader.Int32();
                    break;
                case 21:
                    decision.ModelVersion = reader.Text();
                    break;
                case 22:
                    decision.OfferId = reader.Text();
                    break;
                case 23:
                    decision.RequestId = reader.Text();
                    break;
                case 24:
                    kinds = reader.PackedVarints(_kinds);
                    break;
                case 25:
                    resources = reader.PackedVarints(_resources);
                    break;
                case 26:
                    reader.Packed(ref _values, out values);
                    break;
            }
        }

        if (resources != kinds || values != kinds)
            throw new WireFormatException($"decision steps: {kinds} kinds, {resources} resources, {values} values: expected as many");
        for (var step = 0; step < kinds; step++)
            decision.AddStep((DecisionStepKind)_kinds[step], (Resource)_resources[step], _values[step]);
        return decision;
    }

    private void WriteSteps(ProtoWriter writer, ReadOnlySpan<DecisionStep> steps)
    {
        if (steps.Length > _kinds.Length)
        {
            _kinds = new int[steps.Length];
            _resources = new int[steps.Length];
            _values = new float[steps.Length];
        }

        for (var step = 0; step < steps.Length; step++)
        {
            _kinds[step] = (int)steps[step].Kind;
            _resources[step] = (int)steps[step].Resource;
            _values[step] = steps[step].Value;
        }

        writer.PackedVarints(24, _kinds.AsSpan(0, steps.Length));
        writer.PackedVarints(25, _resources.AsSpan(0, steps.Length));
        writer.Packed<float>(26, _values.AsSpan(0, steps.Length));
    }
}
