using System.Buffers;
using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Telemetry;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using static StreamAllocator.Ingest.Tests.Telemetry.TelemetryHarness;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Telemetry;

/// <summary>Sources that number their samples may publish them again: each counts once, whatever fails on the way.</summary>
public sealed class NumberedSamplesTests
{
    [Fact]
    public void A_sample_that_is_published_again_counts_once()
    {
        var harness = Folded(One("a", 1), One("a", 2), One("a", 3), One("a", 1), One("a", 2), One("a", 3), One("a", 4));

        Assert.Equal((4, 3, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates, harness.Task.Counts.Missing));
        Assert.Empty(harness.DeadLetters);
    }

    [Fact]
    public void Without_a_number_or_a_source_a_sample_counts_as_it_comes()
    {
        var harness = Folded(Message(At(1)), Message(At(2)), Numbered("a", At(1)), Message(Sequenced(1, 7)), Message(At(1)));

        Assert.Equal((5, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates));
    }

    [Fact]
    public void A_source_that_begins_anew_is_another_source()
    {
        var harness = Folded(One("a", 1), One("a", 2), Numbered("b", Sequenced(3, 1)), Numbered("b", Sequenced(4, 2)));

        Assert.Equal((4, 0, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates, harness.Task.Counts.Missing));
    }

    [Fact]
    public void Numbers_that_never_came_are_missing()
    {
        var harness = Folded(One("a", 4), One("a", 5), One("a", 9), One("a", 10), One("a", 12));

        Assert.Equal((5, 4), (harness.Task.Counts.Accepted, harness.Task.Counts.Missing));
    }

    [Fact]
    public void A_number_that_comes_again_with_a_later_time_is_another_sample()
    {
        var harness = Folded(One("a", 1), One("a", 2), One("a", 3), Numbered("a", Sequenced(4, 2)), Numbered("a", Sequenced(5, 3)), Numbered("a", Sequenced(5, 3)));

        Assert.Equal((5, 1, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates, harness.Task.Counts.Missing));
    }

    [Fact]
    public void What_is_refused_is_refused_once()
    {
        var bad = Sequenced(1, 1);
        bad.CpuCores = -1;
        var harness = Folded(Numbered("a", bad), One("a", 2), Numbered("a", bad));

        Assert.Single(harness.DeadLetters);
        Assert.Equal((1, 1, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates, harness.Task.Counts.Missing));
    }

    [Fact]
    public void What_an_operator_publishes_again_counts()
    {
        var harness = Folded(One("a", 1), One("a", 2), One("a", 3));
        harness.FoldWith(RecordHeaders.Encode((RecordHeaders.Schema, "streamallocator.v1.Telemetry"u8.ToArray()), (RecordHeaders.Replayed, [])), One("a", 2));

        Assert.Equal((4, 0), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates));
    }

    [Fact]
    public void JSON_is_numbered_alike()
    {
        byte[] Json(int number) => Encoding.UTF8.GetBytes(
            $$"""{ "samples": [{ "vm_id": "vm", "event_time_ms": "{{Start + (number * 10_000)}}", "cpu_cores": 1, "sequence": "{{number}}" }], "source": "a" }""");
        var harness = Folded(One("a", 1), Json(1), Json(2), Json(3), Json(2), Json(5));

        Assert.Equal((4, 2, 1), (harness.Task.Counts.Accepted, harness.Task.Counts.Duplicates, harness.Task.Counts.Missing));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Doubled_resent_and_restored_it_is_as_if_nothing_had_failed(ulong seed)
    {
        var random = new SeededRandom(seed);
        var names = Enumerable.Range(0, 5).Select(vm => $"vm-{vm}").ToArray();
        var (faulty, clean) = (new TelemetryHarness(IngestOptions.ForDriven), new TelemetryHarness(IngestOptions.ForDriven));
        var sent = names.ToDictionary(name => name, _ => new List<byte[]>());
        for (var round = 1; round <= 200; round++)
        {
            foreach (var vm in names)
            {
                var message = Numbered("source of " + vm, new Wire.UsageSample(Sequenced(round, round)) { VmId = vm });
                clean.Fold(message);
                sent[vm].Add(message);
                // A source that was killed publishes again what it had not yet crossed off: the last few, in order, then the new one.
                for (var again = random.NextInt32(4); again > 0; again--)
                    faulty.Fold([.. sent[vm].TakeLast(1 + random.NextInt32(5))]);
                faulty.Fold(message);
            }

            if (random.NextInt32(10) == 0)
                Restart(faulty);
        }

        Assert.Equal(clean.Sequences(), faulty.Sequences());
        Assert.Equal(0, faulty.Task.Counts.Missing);
        Assert.Empty(faulty.DeadLetters);
    }

    private static void Restart(TelemetryHarness harness)
    {
        var saved = new ArrayBufferWriter<byte>();
        harness.Task.Save(saved);
        harness.Task = new TelemetryIngestTask(new Topics(), 0, 2, 1, IngestOptions.ForDriven);
        harness.Task.Load(saved.WrittenSpan);
    }

    private static TelemetryHarness Folded(params byte[][] messages) => new TelemetryHarness(IngestOptions.ForDriven).Fold(messages);

    /// <summary>The sample of the n-th interval under the number n.</summary>
    private static byte[] One(string source, int number) => Numbered(source, Sequenced(number, number));

    private static Wire.UsageSample At(int interval) => Sample("vm", Start + (interval * 10_000), interval);

    private static Wire.UsageSample Sequenced(int interval, int number) => new(At(interval)) { Sequence = (ulong)number };
}
