using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using static StreamAllocator.Ingest.Tests.Telemetry.TelemetryHarness;
using Cause = StreamAllocator.Domain.DeadLetterCause;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Telemetry;

public sealed class TelemetryIngestTaskTests
{
    private const long Window = 300_000;

    [Fact]
    public void A_heartbeat_flushes_the_samples_before_it_and_ticks_every_partition()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven, vmPartitions: 3).Fold(Heartbeat(Start, Sample("vm-a", Start)));

        Assert.Equal([0, 1, 2], harness.Inputs.Select(input => input.Partition));
        Assert.All(harness.Inputs, input => Assert.Equal(Start, input.Value.Tick.EventTimeMs));
        Assert.All(harness.Inputs, input => Assert.Equal((0U, 2U), (input.Value.Tick.Index, input.Value.Tick.Count)));
        var holder = Assert.Single(harness.Inputs, input => input.Value.Samples is not null);
        Assert.Equal(StableHash.Partition("vm-a", 3), holder.Partition);
        Assert.Equal([1f], holder.Value.Samples.CpuCores);
        Assert.True(float.IsNaN(holder.Value.Samples.MemoryGib[0]));
    }

    [Fact]
    public void A_sample_dated_at_the_tick_is_in_time_and_one_of_the_closed_window_is_late()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Heartbeat(Start));
        var late = Message(Sample("vm-a", Start - 1));

        harness.Fold(Message(Sample("vm-a", Start)), late);

        Assert.Equal(1, harness.Task.Counts.Accepted);
        var letter = Assert.Single(harness.Late);
        Assert.Equal(Wire.DeadLetterCause.Late, letter.Cause);
        Assert.Equal(late, letter.Value.ToByteArray());
        Assert.Equal("key", letter.Key.ToStringUtf8());
        Assert.Equal((harness.Topics.Telemetry, 2UL, Start), (letter.SourceTopic, letter.SourceOffset, letter.SourceTimeMs));
        Assert.NotEqual("", letter.SoftwareVersion);
    }

    [Fact]
    public void A_sample_before_the_tick_is_in_time_while_its_window_is_open()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Heartbeat(Start + 20_000), Message(Sample("vm-a", Start + 10_000)));

        Assert.Empty(harness.Late);
        Assert.Equal(1, harness.Task.Counts.Accepted);
    }

    [Fact]
    public void A_heartbeat_that_goes_back_is_no_tick()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Heartbeat(Start + Window), Heartbeat(Start), Heartbeat(Start + Window));

        Assert.Equal([Start + Window], harness.Ticks);
    }

    [Theory]
    [InlineData(double.NaN, Cause.NotFinite)]
    [InlineData(double.PositiveInfinity, Cause.NotFinite)]
    [InlineData(1e39, Cause.NotFinite)]
    [InlineData(-0.001, Cause.Negative)]
    public void A_bad_figure_refuses_its_sample_and_the_others_go_on(double figure, Cause cause)
    {
        var message = Message(Sample("vm-a", Start), Sample("vm-b", Start, figure), Sample("vm-c", Start));
        var harness = new TelemetryHarness(IngestOptions.ForDriven).FoldWith(Schema, message);

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal((int)cause, (int)letter.Cause);
        Assert.Contains("sample 1: 'vm-b': cpu_cores", letter.Detail, StringComparison.Ordinal);
        Assert.Equal(message, letter.Value.ToByteArray());
        Assert.Equal("streamallocator.v1.Telemetry", Assert.Single(letter.Headers).Value.ToStringUtf8());
        Assert.Equal(["vm-a", "vm-c"], harness.Inputs.Single().Value.Samples.VmIds);
        Assert.Equal(1, harness.Task.Counts.Refused(cause));
    }

    public static TheoryData<string, Wire.UsageSample> InvalidSamples()
    {
        var throttled = Sample("vm-a", Start);
        throttled.CpuThrottledRatio = 1.01;
        var percent = Sample("vm-a", Start, null);
        percent.CpuPercent = 40;
        return new TheoryData<string, Wire.UsageSample>
        {
            { "vm_id", Sample("", Start) },
            { "vm_id", Sample("a\nb", Start) },
            { "vm_id", Sample(new string('x', 201), Start) },
            { "interval_ms 86400001", new Wire.UsageSample(Sample("vm-a", Start)) { IntervalMs = 86_400_001 } },
            { "event_time_ms 0", Sample("vm-a", 0) },
            { "event_time_ms -5", Sample("vm-a", -5) },
            { "cpu_throttled_ratio 1.01", throttled },
            { "cpu_percent without", percent },
            { "no figure", Sample("vm-a", Start, null) },
            { "name of a metric", new Wire.UsageSample(Sample("vm-a", Start)) { Metrics = { new Wire.Metric { Name = "", Value = 1 } } } },
        };
    }

    [Theory]
    [MemberData(nameof(InvalidSamples))]
    public void A_sample_that_breaks_a_rule_is_invalid(string detail, Wire.UsageSample sample)
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message(sample));

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.Invalid, letter.Cause);
        Assert.Contains(detail, letter.Detail, StringComparison.Ordinal);
        Assert.Empty(harness.Inputs);
    }

    [Fact]
    public void Of_many_bad_samples_one_dead_letter_a_cause_names_the_first()
    {
        var samples = Enumerable.Range(0, 100).Select(index => Sample("vm-" + index, Start, index < 60 ? -1 : double.NaN)).ToArray();
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message(samples));

        Assert.Equal(2, harness.DeadLetters.Count);
        Assert.EndsWith("and 52 more", harness.DeadLetters.Single(letter => letter.Cause == Wire.DeadLetterCause.Negative).Detail, StringComparison.Ordinal);
        Assert.Equal((60, 40), (harness.Task.Counts.Refused(Cause.Negative), harness.Task.Counts.Refused(Cause.NotFinite)));
    }

    [Fact]
    public void Driven_a_sample_far_ahead_of_the_heartbeat_is_future_dated()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Heartbeat(Start));
        harness.Fold(Message(Sample("vm-a", Start + 86_400_000), Sample("vm-b", Start + 86_400_001)));

        Assert.Equal(1, harness.Task.Counts.Accepted);
        Assert.Equal(Wire.DeadLetterCause.FutureDated, Assert.Single(harness.DeadLetters).Cause);
    }

    [Fact]
    public void Live_a_sample_beyond_the_tolerance_of_the_clock_is_future_dated()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start, caughtUp: false);
        harness.Fold(Message(Sample("vm-a", Start + 300_000), Sample("vm-b", Start + 300_001)));

        Assert.Equal(1, harness.Task.Counts.Accepted);
        Assert.Equal(Wire.DeadLetterCause.FutureDated, Assert.Single(harness.DeadLetters).Cause);
    }

    [Fact]
    public void Live_before_the_clock_is_heard_of_the_record_dates_the_future()
    {
        using var harness = new TelemetryHarness(new IngestOptions()).Fold(Message(Sample("vm-a", Start + 300_000), Sample("vm-b", Start + 300_001)));

        Assert.Equal(1, harness.Task.Counts.Accepted);
        Assert.Equal(Wire.DeadLetterCause.FutureDated, Assert.Single(harness.DeadLetters).Cause);
    }

    [Fact]
    public void A_record_of_20_MB_is_oversized_and_the_partition_goes_on()
    {
        var huge = new byte[20 << 20];
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(huge, Message(Sample("vm-a", Start)));

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.Oversized, letter.Cause);
        Assert.Equal(huge.Length, letter.Value.Length);
        Assert.Equal(1, harness.Task.Counts.Accepted);
    }

    [Fact]
    public void An_unknown_schema_is_refused_by_name()
    {
        var header = RecordHeaders.Encode(("schema", "influx"u8.ToArray()));
        var harness = new TelemetryHarness(IngestOptions.ForDriven).FoldWith(header, Message(Sample("vm-a", Start)));

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.UnknownSchema, letter.Cause);
        Assert.Contains("'influx'", letter.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_cut_short_is_malformed_and_none_of_it_counts()
    {
        var message = Message(Sample("vm-a", Start), Sample("vm-b", Start));
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(message[..^3]);

        Assert.Equal(Wire.DeadLetterCause.Malformed, Assert.Single(harness.DeadLetters).Cause);
        Assert.Equal(0, harness.Task.Counts.Accepted);
    }

    [Fact]
    public void A_sample_of_the_same_VM_and_time_counts_once()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Message(Sample("vm-a", Start)), Message(Sample("vm-a", Start), Sample("vm-b", Start)));

        Assert.Equal((2, 1), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates));
    }

    [Fact]
    public void VMs_beyond_the_limit_are_refused_and_the_known_go_on()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven with { MaxVms = 2 });
        harness.Fold(Message(Sample("a", Start), Sample("b", Start), Sample("c", Start), Sample("a", Start + 1)));

        Assert.Equal((3, 1), (harness.Task.Counts.Accepted, harness.Task.Counts.Refused(Cause.Invalid)));
    }

    [Fact]
    public void Live_the_tick_is_the_clock_minus_the_grace_when_all_is_read()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start + 4_000, caughtUp: true);
        harness.Clock(Start + 9_999, caughtUp: true);
        harness.Clock(Start + 10_000, caughtUp: true);

        Assert.Equal([Start - 30_000, Start - 20_000], harness.Ticks);
    }

    [Fact]
    public void Live_a_backlog_holds_the_tick_at_what_was_read()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start + 3_600_000, caughtUp: false);
        Assert.Empty(harness.Ticks);

        harness.Fold(Message(Sample("vm-a", Start + 5_000)));
        harness.Clock(Start + 3_600_000, caughtUp: false);
        harness.Fold(Message(Sample("vm-a", Start + 2_000)));
        harness.Clock(Start + 3_600_000, caughtUp: false);

        Assert.Equal([Start - 30_000], harness.Ticks);
        Assert.Equal(2, harness.Task.Counts.Accepted);
    }

    [Fact]
    public void Live_within_a_backlog_a_tick_follows_each_window_of_samples_though_they_come_in_one_batch()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start + 86_400_000, caughtUp: false);

        harness.Fold([.. Enumerable.Range(0, 4).Select(sample => Message(Sample("vm-a", Start + sample * Window + 30_000)))]);

        // Each input: samples, then the tick that they bring about is in front of the newest of them.
        Assert.Equal(
            [(0, Start), (1, Start + Window), (1, Start + 2 * Window), (1, Start + 3 * Window), (1, 0)],
            harness.Inputs.Select(input => (input.Value.Samples?.Vm.Count ?? 0, input.Value.Tick?.EventTimeMs ?? 0)));
    }

    [Fact]
    public void Held_at_a_limit_it_folds_the_record_that_passes_it_and_goes_on_with_the_next()
    {
        var whole = new TelemetryHarness(new IngestOptions());
        var held = new TelemetryHarness(new IngestOptions());
        byte[][] records = [.. Enumerable.Range(0, 8).Select(sample => Message(Sample("vm-a", Start + sample * Window + 30_000)))];
        whole.Clock(Start + 86_400_000, caughtUp: false);
        held.Clock(Start + 86_400_000, caughtUp: false);

        whole.Fold(records);
        var first = held.FoldUpTo(Start + 2 * Window, records);
        Assert.Equal(0, held.FoldUpTo(Start + 2 * Window, records[first..]));
        held.FoldUpTo(long.MaxValue, records[first..]);

        Assert.Equal(4, first);
        Assert.Equal(whole.Sequences(), held.Sequences());
        Assert.Equal(whole.Ticks, held.Ticks);
    }

    [Fact]
    public void Live_a_first_sample_of_long_ago_does_not_begin_time_there()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start + 7 * 86_400_000L, caughtUp: false);

        harness.Fold(Message(Sample("vm-a", Start)));

        Assert.Equal([Start + 6 * 86_400_000L], harness.Ticks);
    }

    [Fact]
    public void Live_a_partition_that_is_read_up_does_not_run_away_from_one_that_is_not()
    {
        var harness = new TelemetryHarness(new IngestOptions());

        harness.Task.OnClock(new EventTime(Start + 3_600_000), new EventTime(Start + 7_000), new OutputBatch());

        Assert.Equal(new EventTime(Start), harness.Task.Reached);
    }

    [Fact]
    public void A_message_without_a_sample_is_refused()
    {
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(Encoding.UTF8.GetBytes("""{ "vm_id": "vm-a", "cpu_cores": 1 }"""));

        Assert.Equal(Wire.DeadLetterCause.Invalid, Assert.Single(harness.DeadLetters).Cause);
    }

    [Fact]
    public void Live_an_agent_with_a_fast_clock_does_not_move_time_past_the_clock()
    {
        var harness = new TelemetryHarness(new IngestOptions());
        harness.Clock(Start, caughtUp: true);
        harness.Fold(Message(Sample("vm-a", Start + 290_000)));
        harness.Clock(Start + 10_000, caughtUp: false);

        Assert.Equal([Start - 30_000, Start - 20_000], harness.Ticks);
    }

    [Fact]
    public void Live_heartbeats_move_nothing()
    {
        var harness = new TelemetryHarness(new IngestOptions()).Fold(Heartbeat(Start));

        Assert.Empty(harness.Inputs);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1000)]
    public void Batches_of_any_size_give_the_same_sequences(int size)
    {
        var messages = RandomMessages(new SeededRandom(7), 1000).ToArray();
        var whole = new TelemetryHarness(IngestOptions.ForDriven, 3).Fold(messages);
        var parts = new TelemetryHarness(IngestOptions.ForDriven, 3);
        foreach (var chunk in messages.Chunk(size))
            parts.Fold(chunk);

        Assert.Equal(whole.Sequences(), parts.Sequences());
        Assert.Equal(whole.Ticks, parts.Ticks);
        Assert.Equal(whole.DeadLetters, parts.DeadLetters);
        Assert.Equal(whole.Late, parts.Late);
        Assert.NotEmpty(whole.Late);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_restored_task_goes_on_alike_and_saves_the_same_bytes(ulong seed)
    {
        var messages = RandomMessages(new SeededRandom(seed), 400).ToArray();
        var whole = new TelemetryHarness(IngestOptions.ForDriven).Fold(messages[..200]);
        var saved = new ArrayBufferWriter<byte>();
        whole.Task.Save(saved);

        var restored = new TelemetryHarness(IngestOptions.ForDriven);
        restored.Task.Load(saved.WrittenSpan);
        var again = new ArrayBufferWriter<byte>();
        restored.Task.Save(again);
        Assert.Equal(saved.WrittenSpan.ToArray(), again.WrittenSpan.ToArray());

        whole.Inputs.Clear();
        whole.Fold(messages[200..]);
        restored.Fold(messages[200..]);
        Assert.Equal(whole.Sequences(), restored.Sequences());
        Assert.Equal(whole.Ticks, restored.Ticks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Garbage_never_throws_and_every_sample_is_accounted_for(ulong seed)
    {
        var random = new SeededRandom(seed);
        var harness = new TelemetryHarness(IngestOptions.ForDriven);
        foreach (var message in RandomMessages(new SeededRandom(seed), 3000))
        {
            var bytes = random.NextInt32(4) == 0 ? Encoding.UTF8.GetBytes(AsJson(message)) : message;
            for (var change = random.NextInt32(6); change > 0; change--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            var before = Accounted(harness);
            var sent = random.NextInt32(8) == 0 ? bytes[..random.NextInt32(bytes.Length)] : bytes;
            harness.Fold(sent);
            Assert.True(Accounted(harness) > before || IsEmpty(sent), $"seed {seed}: a record was dropped: {Convert.ToHexString(sent)}");
        }

        Assert.True(harness.Task.Counts.Accepted > 100);
        Assert.True(harness.DeadLetters.Count > 100);
    }

    [Fact]
    public void Every_sample_read_is_accepted_or_refused_or_a_duplicate()
    {
        var messages = RandomMessages(new SeededRandom(11), 2000).ToArray();
        var harness = new TelemetryHarness(IngestOptions.ForDriven).Fold(messages);

        Assert.Equal(messages.Sum(message => Wire.Telemetry.Parser.ParseFrom(message).Samples.Count), Accounted(harness));
        Assert.True(harness.Task.Counts.Refused(Cause.Late) > 0);
        Assert.True(harness.Task.Counts.Duplicates > 0);
        Assert.Equal(harness.Task.Counts.Accepted, harness.Inputs.Sum(input => input.Value.Samples?.Vm.Count ?? 0));
    }

    [Fact]
    public void Known_VMs_cost_no_allocation_a_sample()
    {
        var task = new TelemetryIngestTask(new Topics(), 0, 1, 2, IngestOptions.ForDriven);
        var (batch, outputs) = (new RecordBatch(), new OutputBatch());
        var first = AllocatedBy(task, batch, outputs, 1);
        var later = Enumerable.Range(2, 20).Select(round => AllocatedBy(task, batch, outputs, round)).Min();

        Assert.True(first > 0, "the first round makes the rows");
        Assert.Equal(0, later);
    }

    private static long AllocatedBy(TelemetryIngestTask task, RecordBatch batch, OutputBatch outputs, int round)
    {
        outputs.Clear();
        batch.Reset(new TopicPartition("telemetry", 0));
        for (var record = 0; record < 10; record++)
        {
            var samples = Enumerable.Range(0, 100).Select(vm => new Wire.UsageSample(Sample("vm-" + vm, Start + round * 10_000 + record))
            {
                CpuNanosecondsTotal = (ulong)(round * 1000),
                Sequence = (ulong)((round * 10) + record),
                Metrics = { new Wire.Metric { Name = "transactions", Value = vm } },
            });
            batch.Append(round * 10 + record, new EventTime(Start), default, default, Numbered("agent", [.. samples]));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        task.Step(batch, outputs);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[] Schema { get; } = RecordHeaders.ForSchema("streamallocator.v1.Telemetry");

    private static string AsJson(byte[] message) =>
        new JsonFormatter(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true)).Format(Wire.Telemetry.Parser.ParseFrom(message));

    private static bool IsEmpty(byte[] bytes)
    {
        try
        {
            return Wire.Telemetry.Parser.ParseFrom(bytes).Samples.Count == 0;
        }
        catch (InvalidProtocolBufferException)
        {
            return bytes[0] == '{' && !JsonDocument.Parse(bytes).RootElement.TryGetProperty("samples", out _);
        }
    }

    private static long Accounted(TelemetryHarness harness) =>
        harness.Task.Counts.Accepted + harness.Task.Counts.Duplicates + Enum.GetValues<Cause>().Sum(harness.Task.Counts.Refused);

    private static IEnumerable<byte[]> RandomMessages(SeededRandom random, int count)
    {
        var time = Start;
        for (var message = 0; message < count; message++)
        {
            time += random.NextInt32(30_000);
            var samples = new Wire.UsageSample[1 + random.NextInt32(4)];
            for (var index = 0; index < samples.Length; index++)
            {
                var back = random.NextInt32(20) == 0 ? 900_000 : random.NextInt32(3) * 10_000;
                samples[index] = Sample("vm-" + random.NextInt32(9), (time - back) / 10_000 * 10_000, random.NextInt32(40) == 0 ? -1 : random.NextDouble());
                if (random.NextInt32(2) == 0)
                    samples[index].DiskBytesTotal = (ulong)(random.NextDouble() * 1e9);
                if (random.NextInt32(3) == 0)
                    samples[index].Metrics.Add(new Wire.Metric { Name = "queue length", Value = random.NextInt32(50) });
            }

            yield return random.NextInt32(5) == 0 ? Heartbeat(time / Window * Window, samples) : Message(samples);
        }
    }
}
