using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Hypervisors.Simulated;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Execution;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Hypervisors.Tests.Simulated;

/// <summary>The execute task over simulated hosts is a fold: neither batches nor restarts move a byte of what it writes.</summary>
public sealed class ExecuteFoldTests
{
    private const int Rounds = 60;
    private static readonly EventTime T0 = EventTime.FromUnixSeconds(1_700_000_100);
    private static readonly TimeSpan Cadence = TimeSpan.FromMinutes(5);
    private static readonly Topics Topics = new();
    private readonly List<(byte[] Headers, byte[] Value)> _input = Input(seed: 11);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Outputs_do_not_depend_on_the_batches(int size)
    {
        var task = Create();

        Assert.Equal(Fold(Create(), _input, 3), Fold(task, _input, size));
    }

    [Fact]
    public void Outputs_go_on_alike_after_save_and_load_at_any_record()
    {
        var whole = Fold(Create(), _input, 1);
        var lived = Create();
        List<string> before = [];
        for (var at = 0; at < _input.Count; at++)
        {
            var saved = Save(lived);
            if (at % 5 == 0)
            {
                var restored = Create();
                restored.Load(saved);
                Assert.Equal(saved, Save(restored));
                Assert.Equal(whole, before.Concat(Fold(restored, _input[at..], 4)));
            }

            before.AddRange(Fold(lived, _input[at..(at + 1)], 1));
        }

        Assert.Equal(whole, before);
    }

    [Fact]
    public void Input_of_these_tests_meets_every_outcome_that_matters()
    {
        var seen = Allocations(Fold(Create(), _input, 100)).Select(allocation => allocation.Outcome).ToHashSet();

        Assert.Superset(
            new HashSet<AllocationOutcome>
            {
                AllocationOutcome.Applied, AllocationOutcome.Partial, AllocationOutcome.Failed, AllocationOutcome.Refused,
                AllocationOutcome.Expired,
            },
            seen);
    }

    private static IEnumerable<Allocation> Allocations(IEnumerable<string> records) => records
        .Where(record => record.StartsWith(Topics.Allocations, StringComparison.Ordinal))
        .Select(record => AllocationCodec.Read(new ProtoReader(Convert.FromHexString(record.Split(' ')[^1]))));

    private static ExecuteTask Create() => new(
        new ExecuteOptions { Topics = Topics, VmPartitions = 3, AllocationPartitions = 3 },
        new SimulatedHypervisor(new SimulatedOptions
        {
            Hosts = [new HostSpec("host-1", "pool", "", "", new VmSize(14, 40), new VmSize(0.01, 0.25))],
            FailureProbability = 0.1,
            PartialProbability = 0.1,
            StallProbability = 0.3,
        }));

    private static byte[] Save(ExecuteTask task)
    {
        var state = new ArrayBufferWriter<byte>();
        task.Save(state);
        return state.WrittenSpan.ToArray();
    }

    private static List<string> Fold(ExecuteTask task, List<(byte[] Headers, byte[] Value)> input, int size)
    {
        List<string> records = [];
        using var batch = new RecordBatch();
        using var outputs = new OutputBatch();
        foreach (var chunk in input.Chunk(size))
        {
            batch.Reset(new TopicPartition(Topics.Commands, 0));
            outputs.Clear();
            foreach (var (headers, value) in chunk)
                batch.Append(0, default, [], headers, value);
            task.Step(batch, outputs);
            for (var index = 0; index < outputs.Count; index++)
            {
                var record = outputs[index];
                records.Add($"{outputs.Target(index)} {record.Time} {Convert.ToHexString(record.Value)}");
            }
        }

        return records;
    }

    /// <summary>Four VMs resized at random, with stale revisions, wrong expectations and expired commands among them.</summary>
    private static List<(byte[] Headers, byte[] Value)> Input(ulong seed)
    {
        var random = new SeededRandom(seed);
        var writer = new ProtoWriter();
        List<(byte[] Headers, byte[] Value)> input = [];
        var decided = Create();
        var believed = Enumerable.Repeat(new VmSize(2, 8), 4).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var (tick, first) = (T0 + round * Cadence, input.Count);
            for (var vm = 0; vm < believed.Length; vm++)
            {
                if (random.NextDouble() < 0.5)
                    continue;
                var target = new VmSize(0.5 + random.NextInt32(24) * 0.25, 4 + random.NextInt32(40) * 0.25);
                var command = Commands.Resize($"vm-{vm}", round + 1, target, believed[vm], tick);
                if (random.NextDouble() < 0.05)
                    command = command with { Revision = Math.Max(1, round - 5) };
                else if (random.NextDouble() < 0.05)
                    command = command with { Expiry = tick };
                writer.Clear();
                ResizeCommandCodec.WriteFields(writer, command);
                input.Add((Headers.ResizeCommand, writer.Written.ToArray()));
            }

            writer.Clear();
            new Tick(TickSource.Decide, 0, 1, tick).WriteFields(writer);
            input.Add((Headers.Tick, writer.Written.ToArray()));
            foreach (var allocation in Allocations(Fold(decided, input[first..], 100)))
                believed[allocation.VmId[^1] - '0'] = allocation.Observed;
        }

        return input;
    }
}
