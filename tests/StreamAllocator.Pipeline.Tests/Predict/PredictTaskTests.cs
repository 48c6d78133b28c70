using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Predict;

public sealed class PredictTaskTests
{
    private const long Window = 300_000;
    private const long Start = 1_700_000_100_000 - 1_700_000_100_000 % Window;

    private static readonly Topics Topics = new("t.");

    private readonly PredictTask _task = new(new PredictOptions { SourceLagWindows = null }, Topics, 0, 1, 1, 1);
    private readonly List<(string Topic, EventTime Time, byte[] Key, byte[] Value)> _out = [];

    [Fact]
    public void Each_VM_gets_one_features_and_one_forecast_record_per_window_also_where_samples_are_missing()
    {
        Begin("a", "b");
        Feed(Sample("a", Start + 1000, 1.5));
        Feed(TickAt(Start + 3 * Window));

        Assert.Equal(6, Of(Topics.Features).Count);
        Assert.Equal(6, Of(Topics.Forecasts).Count);
        var first = Features().Where(features => features.VmId == "a").ToList();
        Assert.Equal([Start, Start + Window, Start + 2 * Window], first.Select(features => features.StartMs));
        Assert.Equal(1.5f, first[0].Mean[0]);
        Assert.True(float.IsNaN(first[1].Mean[0]));
    }

    [Fact]
    public void A_window_closes_with_the_slowest_source()
    {
        Feed(Inventory("a"));
        Feed(TickAt(Start, index: 0, count: 2));
        Feed(TickAt(Start, index: 1, count: 2));
        Feed(TickAt(Start + 2 * Window, index: 0, count: 2));
        Assert.Empty(Of(Topics.Features));

        Feed(Sample("a", Start + 5000, 2));
        Feed(TickAt(Start + Window, index: 1, count: 2));
        Assert.Equal(2f, Assert.Single(Features()).Mean[0]);
    }

    [Fact]
    public void The_mean_and_the_maximum_of_a_window_are_kept_apart()
    {
        Begin("a");
        Feed(Sample("a", Start + 1000, 1, max: 3));
        Feed(Sample("a", Start + 2000, 2, max: 2.5));
        Feed(TickAt(Start + Window));
        var features = Assert.Single(Features());
        Assert.Equal(1.5f, features.Mean[0]);
        Assert.Equal(3f, features.Max[0]);
        Assert.Equal(2u, features.Count[0]);
    }

    [Fact]
    public void Usage_at_98_percent_of_the_allocation_is_censored()
    {
        Begin("a", "b");
        Feed(Sample("a", Start + 1000, 1.97, allocated: 2));
        Feed(Sample("b", Start + 1000, 1.9, allocated: 2));
        Feed(TickAt(Start + Window));
        Assert.True(Features().Single(features => features.VmId == "a").Censored[0]);
        Assert.False(Features().Single(features => features.VmId == "b").Censored[0]);
    }

    [Fact]
    public void A_sample_of_an_unknown_VM_is_dead_lettered_as_it_could_be_published_again()
    {
        Begin("a");
        Feed(Sample("stranger", Start + 1000, 1.25));
        var letter = DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.DeadLetter)).Value);
        Assert.Equal(Schemas.DeadLetterCause.UnknownVm, letter.Cause);
        Assert.Contains("stranger", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(1.25, Telemetry.Parser.ParseFrom(letter.Value).Samples.Single().CpuCores);
    }

    [Fact]
    public void A_sample_whose_window_is_closed_goes_to_late()
    {
        Begin("a");
        Feed(TickAt(Start + Window));
        Feed(Sample("a", Start + 1000, 1));
        Assert.Equal(Schemas.DeadLetterCause.Late, DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.Late)).Value).Cause);
    }

    [Fact]
    public void Application_metrics_are_features_of_their_window()
    {
        Begin("a");
        Feed(Sample("a", Start + 1000, 1, metric: ("transactions_per_second", 40)));
        Feed(Sample("a", Start + 2000, 1, metric: ("transactions_per_second", 60)));
        Feed(TickAt(Start + 2 * Window));
        var metric = Assert.Single(Features()[0].Metrics);
        Assert.Equal(("transactions_per_second", 50f, 60f, 2u), (metric.Name, metric.Mean, metric.Max, metric.Count));
        Assert.Empty(Features()[1].Metrics);
    }

    [Fact]
    public void A_ninth_metric_of_a_VM_is_dead_lettered_with_its_sample_whose_rest_counts()
    {
        Begin("a", "b");
        for (var name = 1; name <= 9; name++)
            Feed(Sample("a", Start + name, 3, metric: ($"metric-{name}", name)));
        Feed(Sample("b", Start + 1, 3, metric: ("metric-9", 9)));
        Feed(TickAt(Start + Window));

        var letter = DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.DeadLetter)).Value);
        Assert.Equal(Schemas.DeadLetterCause.TooManyMetrics, letter.Cause);
        Assert.Contains("'metric-9'", letter.Detail, StringComparison.Ordinal);
        var metric = Assert.Single(Assert.Single(Telemetry.Parser.ParseFrom(letter.Value).Samples).Metrics);
        Assert.Equal(("metric-9", 9.0), (metric.Name, metric.Value));
        Assert.Equal(9u, Features()[0].Count[0]);
        Assert.Equal(Enumerable.Range(1, 8).Select(name => $"metric-{name}"), Features()[0].Metrics.Select(metric => metric.Name));
        Assert.Equal("metric-9", Assert.Single(Features()[1].Metrics).Name);
    }

    [Fact]
    public void A_calendar_event_is_a_feature_an_hour_ahead_and_while_it_lasts_for_those_it_concerns()
    {
        Begin("a", "b");
        Feed(new VmInputs { Occurrence = new Schemas.Occurrence { ScheduleId = "s", Name = "nightly", VmId = "a", StartMs = Start + 14 * Window, DurationMs = 600_000 } });
        Feed(TickAt(Start + 18 * Window));
        var withEvent = Features().Where(features => features.Events.Count > 0).ToList();
        Assert.All(withEvent, features => Assert.Equal("a", features.VmId));
        // Window ends Start + 3 … 16 windows: from just under an hour before the start to the end of the event.
        Assert.Equal(Enumerable.Range(3, 14).Select(end => Start + end * Window), withEvent.Select(features => features.EndMs));
        Assert.Equal(11 * Window, withEvent[0].Events[0].StartsInMs);
        Assert.Equal(-2 * Window, withEvent[^1].Events[0].StartsInMs);
    }

    [Fact]
    public void Local_time_follows_the_zone_that_the_inventory_brings()
    {
        var inventory = Inventory("a");
        inventory.Vm.ZoneFromMs.Add([Start - Window, Start + Window + 1]);
        inventory.Vm.ZoneOffsetMinutes.Add([60, 120]);
        Feed(inventory);
        Feed(TickAt(Start));
        Feed(TickAt(Start + 2 * Window));
        var utc = DateTimeOffset.FromUnixTimeMilliseconds(Start + Window);
        var local = utc.AddMinutes(60);
        Assert.Equal((uint)local.TimeOfDay.TotalMinutes, Features()[0].LocalMinuteOfDay);
        Assert.Equal(((uint)local.DayOfWeek + 6) % 7, Features()[0].LocalDayOfWeek);
        Assert.Equal((uint)utc.AddMinutes(5 + 120).TimeOfDay.TotalMinutes, Features()[1].LocalMinuteOfDay);
    }

    [Fact]
    public void Saturation_reaches_the_pool_with_the_next_tick_within_the_window()
    {
        Begin("a", "b");
        Feed(Sample("a", Start + 1000, 2, allocated: 2));
        Feed(Sample("b", Start + 1000, 1, allocated: 2));
        Feed(TickAt(Start + 60_000));
        var inputs = PoolInputs.Parser.ParseFrom(Of(Topics.PoolInputs)[^1].Value);
        Assert.Equal(["a"], inputs.EvidenceVmIds);
        Assert.Equal((uint)OutlookFlags.CpuSaturated, Assert.Single(inputs.EvidenceFlags));
        Assert.Equal(Start + 60_000, inputs.Tick.EventTimeMs);
    }

    [Fact]
    public void Saturation_that_was_told_is_told_again_only_by_another_sample()
    {
        Begin("a");
        Feed(Sample("a", Start + 1000, 2, allocated: 2));
        Feed(TickAt(Start + 60_000));
        Feed(Sample("a", Start + 61_000, 2, allocated: 4));
        Feed(TickAt(Start + 70_000));
        Assert.Empty(PoolInputs.Parser.ParseFrom(Of(Topics.PoolInputs)[^1].Value).EvidenceVmIds);
        Feed(Sample("a", Start + 71_000, 4, allocated: 4));
        Feed(TickAt(Start + 80_000));
        Assert.Equal(["a"], PoolInputs.Parser.ParseFrom(Of(Topics.PoolInputs)[^1].Value).EvidenceVmIds);
    }

    [Fact]
    public void Garbage_is_dead_lettered_and_the_partition_goes_on()
    {
        Begin("a");
        FeedBytes([0x0A, 0xFF, 0xFF]);
        Feed(TickAt(Start + Window));
        Assert.Equal(Schemas.DeadLetterCause.Malformed, DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.DeadLetter)).Value).Cause);
        Assert.Single(Features());
    }

    [Fact]
    public void An_input_that_makes_the_step_fail_for_one_VM_quarantines_that_VM_alone()
    {
        Begin("a", "b");
        Feed(Sample("a", Start + 1000, double.PositiveInfinity));
        Feed(Sample("b", Start + 1000, 1));
        Feed(TickAt(Start + 3 * Window));
        var letter = DeadLetter.Parser.ParseFrom(Assert.Single(Of(Topics.DeadLetter)).Value);
        Assert.Equal(Schemas.DeadLetterCause.Quarantined, letter.Cause);
        Assert.Contains("'a'", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(3, Of(Topics.Forecasts).Count);
        Assert.All(Of(Topics.Forecasts), record => Assert.Equal("b", Forecast.Parser.ParseFrom(record.Value).VmId));
    }

    [Fact]
    public void A_restored_task_goes_on_alike()
    {
        Begin("a", "b");
        for (var window = 0; window < 30; window++)
        {
            Feed(Sample("a", Start + window * Window + 1000, 1 + window % 5, metric: ("queue", window)));
            Feed(TickAt(Start + window * Window));
        }

        var state = new System.Buffers.ArrayBufferWriter<byte>();
        _task.Save(state);
        var restored = new PredictTask(new PredictOptions { SourceLagWindows = null }, Topics, 0, 1, 1, 1);
        restored.Load(state.WrittenSpan);
        var again = new System.Buffers.ArrayBufferWriter<byte>();
        restored.Save(again);
        Assert.Equal(state.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());

        _out.Clear();
        Feed(TickAt(Start + 33 * Window));
        var expected = _out.ToList();
        _out.Clear();
        FeedBytes(TickAt(Start + 33 * Window).ToByteArray(), restored);
        Assert.Equal(expected.Select(record => (record.Topic, record.Time)), _out.Select(record => (record.Topic, record.Time)));
        Assert.All(expected.Zip(_out), pair => Assert.Equal(pair.First.Value, pair.Second.Value));
    }

    private void Begin(params string[] vms)
    {
        foreach (var vm in vms)
            Feed(Inventory(vm));
        Feed(TickAt(Start));
    }

    private static VmInputs Inventory(string vmId) => new()
    {
        Vm = new Schemas.VmInventory
        {
            Spec = new Schemas.VmSpec
            {
                VmId = vmId,
                PoolId = "pool",
                Provisioned = new Size { CpuCores = 4, MemoryGib = 8 },
                Lower = new Size { CpuCores = 0.1, MemoryGib = 0.1 },
                Upper = new Size { CpuCores = 8, MemoryGib = 16 },
            },
        },
    };

    private static VmInputs TickAt(long time, uint index = 0, uint count = 1) => new()
    {
        Tick = new Tick { Source = TickSource.Ingest, Index = index, Count = count, EventTimeMs = time },
    };

    private static VmInputs Sample(
        string vmId, long time, double cores, double max = double.NaN, double allocated = double.NaN, (string Name, double Value)? metric = null)
    {
        var samples = new SampleColumns
        {
            VmIds = { vmId },
            Vm = { 0 },
            EventTimeMs = { (ulong)time },
            CpuCores = { (float)cores },
            CpuCoresMax = { (float)max },
            MemoryGib = { 1 },
            DiskBytesPerSecond = { float.NaN },
            NetworkBytesPerSecond = { float.NaN },
            CpuCoresAllocated = { (float)allocated },
            MemoryGibAllocated = { float.NaN },
            CpuThrottledRatio = { float.NaN },
            SourceOffset = { 7 },
        };
        if (metric is { } named)
        {
            samples.MetricNames.Add(named.Name);
            samples.MetricSample.Add(0);
            samples.MetricName.Add(0);
            samples.MetricValue.Add((float)named.Value);
        }

        return new VmInputs { Samples = samples };
    }

    private void Feed(VmInputs inputs) => FeedBytes(inputs.ToByteArray());

    private void FeedBytes(byte[] value, PredictTask? task = null)
    {
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        batch.Reset(new TopicPartition(Topics.VmInputs, 0));
        batch.Append(0, new EventTime(Start), [], [], value);
        (task ?? _task).Step(batch, outputs);
        for (var index = 0; index < outputs.Count; index++)
            _out.Add((outputs.Target(index).Topic, outputs[index].Time, outputs[index].Key.ToArray(), outputs[index].Value.ToArray()));
    }

    private List<(string Topic, EventTime Time, byte[] Key, byte[] Value)> Of(string topic) => _out.FindAll(record => record.Topic == topic);

    private List<Features> Features() => [.. Of(Topics.Features).Select(record => Schemas.Features.Parser.ParseFrom(record.Value))];
}
