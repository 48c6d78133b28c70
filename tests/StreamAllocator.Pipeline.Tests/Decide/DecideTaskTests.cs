using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Schemas;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Pipeline.Tests.Decide;

public sealed class DecideTaskTests
{
    private const long Window = 300_000;
    private const long Start = 1_700_000_100_000 - 1_700_000_100_000 % Window;

    private static readonly Topics Topics = new("t.");

    private readonly DecideTask _task = New();
    private readonly List<(string Topic, byte[] Key, byte[] Headers, byte[] Value)> _out = [];

    [Fact]
    public void A_round_waits_for_every_predict_partition_and_for_the_executor()
    {
        Feed(Inventory());
        Feed(TickOf(TickSource.Predict, 0, 2, Start));
        Feed(TickOf(TickSource.Predict, 1, 2, Start));
        Assert.Empty(Of(Topics.Decisions));
        Feed(TickOf(TickSource.Execute, 0, 1, Start));
        Assert.Equal(2, Of(Topics.Decisions).Count);
    }

    [Fact]
    public void A_round_ends_with_a_tick_in_the_commands_that_has_no_key()
    {
        Round(Start);
        var last = Of(Topics.Commands)[^1];
        Assert.Empty(last.Key);
        Assert.Equal(Headers.Tick, last.Headers);
        Assert.Equal((TickSource.Decide, Start), (Tick.Parser.ParseFrom(last.Value).Source, Tick.Parser.ParseFrom(last.Value).EventTimeMs));
    }

    [Fact]
    public void The_order_in_which_sources_are_read_does_not_count()
    {
        var inputs = new[]
        {
            Outlook("a", Start + Window, 3.5f), Outlook("b", Start + Window, 0.5f),
            TickOf(TickSource.Predict, 0, 2, Start + Window), TickOf(TickSource.Predict, 1, 2, Start + Window),
            TickOf(TickSource.Execute, 0, 1, Start + Window),
        };
        var expected = Decide(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Decide(inputs[4], inputs[1], inputs[0], inputs[3], inputs[2]));
        Assert.Equal(expected, Decide(inputs[1], inputs[3], inputs[4], inputs[0], inputs[2]));
    }

    [Fact]
    public void An_outlook_ahead_of_the_round_waits_for_its_own()
    {
        Feed(Inventory());
        Feed(Outlook("a", Start + Window, 3.5f));
        Round(Start);
        Assert.All(Decisions(), decision => Assert.Equal(0, decision.ForecastOriginMs));
        _out.Clear();
        Round(Start + Window);
        Assert.Equal(Start + Window, Decisions().Single(decision => decision.VmId == "a").ForecastOriginMs);
    }

    [Fact]
    public void A_forecast_above_the_threshold_commands_an_absolute_target_with_a_revision()
    {
        Feed(Inventory());
        Feed(Outlook("a", Start + Window, 3.5f));
        Round(Start + Window);
        var command = Schemas.ResizeCommand.Parser.ParseFrom(Assert.Single(Of(Topics.Commands), record => record.Key.Length > 0).Value);
        Assert.Equal(("a", 1ul, 2.0), (command.VmId, command.Revision, command.Expected.CpuCores));
        Assert.True(command.Target.CpuCores > 3, $"target {command.Target.CpuCores}");
        Assert.NotEmpty(command.Reasons);
    }

    [Fact]
    public void A_request_is_answered_at_once()
    {
        Round(Start);
        _out.Clear();
        Feed(new PoolInputs
        {
            Request = new Schemas.ControlRequest
            {
                RequestId = "r-1",
                RequestedBy = "operator",
                VmId = "a",
                Kind = RequestKind.Adjust,
                EventTimeMs = Start + 1000,
                Size = new Size { CpuCores = 3, MemoryGib = 5 },
                HoldForMs = 3_600_000,
            },
        });
        var decision = Assert.Single(Decisions());
        Assert.Equal(("a", "r-1", 3.0), (decision.VmId, decision.RequestId, decision.Target.CpuCores));
    }

    [Fact]
    public void Within_a_window_saturation_alone_is_answered_and_by_a_command()
    {
        var task = New(TimeSpan.FromMilliseconds(Window));
        foreach (var input in Inventory().Append(Outlook("a", Start, 1)).Append(Outlook("b", Start, 1)))
            FeedBytes(input.ToByteArray(), task, Start);
        Round(Start, task);
        Assert.Equal(2, Decisions().Count);
        _out.Clear();

        Round(Start + 10_000, task);
        Assert.Empty(Decisions());
        FeedBytes(Saturated("a", Start + 20_000).ToByteArray(), task, Start + 20_000);
        Round(Start + 20_000, task);
        Round(Start + 30_000, task);
        var decision = Assert.Single(Decisions());
        Assert.Equal(("a", Start + 20_000, Schemas.DecisionReason.Saturated), (decision.VmId, decision.EventTimeMs, decision.Reason));
        Assert.Single(Of(Topics.Commands), record => record.Key.Length > 0);
        _out.Clear();

        Round(Start + Window, task);
        Assert.Equal(["a", "b"], Decisions().Select(round => round.VmId));
    }

    [Fact]
    public void Garbage_is_dead_lettered_and_the_partition_goes_on()
    {
        FeedBytes([0xFF]);
        Assert.Equal(Schemas.DeadLetterCause.Malformed, DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.DeadLetter)).Value).Cause);
        Round(Start);
        Assert.Equal(2, Decisions().Count);
    }

    [Fact]
    public void A_restored_task_goes_on_alike()
    {
        Feed(Inventory());
        Round(Start);
        Feed(Outlook("a", Start + Window, 3.5f));
        var state = new System.Buffers.ArrayBufferWriter<byte>();
        _task.Save(state);
        var restored = New();
        restored.Load(state.WrittenSpan);
        var again = new System.Buffers.ArrayBufferWriter<byte>();
        restored.Save(again);
        Assert.Equal(state.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());

        _out.Clear();
        Round(Start + Window);
        var expected = _out.Select(record => record.Value).ToList();
        _out.Clear();
        Round(Start + Window, restored);
        Assert.Equal(expected, _out.Select(record => record.Value));
    }

    private static DecideTask New(TimeSpan? window = null) => new(new DecideOptions { SourceLagLimit = null, Window = window }, Topics, 0, 1, 2);

    private static PoolInputs Saturated(string vmId, long tick)
    {
        var seen = TickOf(TickSource.Predict, 0, 2, tick);
        seen.EvidenceVmIds.Add(vmId);
        seen.EvidenceFlags.Add((uint)OutlookFlags.CpuSaturated);
        return seen;
    }

    private static PoolInputs[] Inventory() =>
    [
        new() { Host = new Schemas.HostSpec { HostId = "h", PoolId = "pool", Capacity = new Size { CpuCores = 16, MemoryGib = 64 }, Granularity = new Size { CpuCores = 0.01, MemoryGib = 0.01 } } },
        new() { Vm = Vm("a") },
        new() { Vm = Vm("b") },
    ];

    private static Schemas.VmSpec Vm(string id) => new()
    {
        VmId = id,
        PoolId = "pool",
        Priority = Schemas.Priority.Normal,
        Provisioned = new Size { CpuCores = 2, MemoryGib = 4 },
        Lower = new Size { CpuCores = 0.1, MemoryGib = 0.1 },
        Upper = new Size { CpuCores = 8, MemoryGib = 16 },
    };

    private static PoolInputs TickOf(TickSource source, uint index, uint count, long time) => new()
    {
        Tick = new Tick { Source = source, Index = index, Count = count, EventTimeMs = time },
    };

    /// <summary>A narrow forecast around so many cores, after a usage of one.</summary>
    private static PoolInputs Outlook(string vmId, long origin, float cores)
    {
        var columns = new OutlookColumns { VmIds = { vmId }, OriginMs = origin, DataAgeWindows = { 0 }, Flags = { 0 }, Model = { 0 }, ModelVersions = { "default" } };
        columns.Levels.Add([1, 1.2f, cores, 0.1f, 1, 1, 1, 0.01f]);
        for (var horizon = 0; horizon < 2; horizon++)
        {
            columns.DwellQuantiles.Add(Enumerable.Range(0, QuantileLevels.Count).Select(level => cores + 0.01f * level));
            columns.DwellQuantiles.Add(Enumerable.Range(0, QuantileLevels.Count).Select(level => 1 + 0.01f * level));
        }

        return new PoolInputs { Outlooks = columns };
    }

    private List<byte[]> Decide(params PoolInputs[] inputs)
    {
        var task = New();
        _out.Clear();
        foreach (var input in Inventory().Concat(inputs))
            FeedBytes(input.ToByteArray(), task, TimeOf(input));
        return [.. _out.Select(record => record.Value)];
    }

    private void Round(long time, DecideTask? task = null)
    {
        if (Decisions().Count == 0 && task is null)
            Feed(Inventory());
        foreach (var tick in new[] { TickOf(TickSource.Predict, 0, 2, time), TickOf(TickSource.Predict, 1, 2, time), TickOf(TickSource.Execute, 0, 1, time) })
            FeedBytes(tick.ToByteArray(), task);
    }

    private static long TimeOf(PoolInputs inputs) => inputs.Outlooks?.OriginMs ?? inputs.Tick?.EventTimeMs ?? Start;

    private void Feed(params PoolInputs[] inputs)
    {
        foreach (var input in inputs)
            FeedBytes(input.ToByteArray(), null, TimeOf(input));
    }

    private void FeedBytes(byte[] value, DecideTask? task = null, long time = Start)
    {
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        batch.Reset(new TopicPartition(Topics.PoolInputs, 0));
        batch.Append(0, new EventTime(time), [], [], value);
        (task ?? _task).Step(batch, outputs);
        for (var index = 0; index < outputs.Count; index++)
            _out.Add((outputs.Target(index).Topic, outputs[index].Key.ToArray(), outputs[index].Headers.ToArray(), outputs[index].Value.ToArray()));
    }

    private List<(string Topic, byte[] Key, byte[] Headers, byte[] Value)> Of(string topic) => _out.FindAll(record => record.Topic == topic);

    private List<Schemas.Decision> Decisions() => [.. Of(Topics.Decisions).Select(record => Schemas.Decision.Parser.ParseFrom(record.Value))];
}
