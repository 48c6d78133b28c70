using System.Buffers;
using System.Runtime.CompilerServices;
using StreamAllocator.Domain;

namespace StreamAllocator.Decisions.Tests;

/// <summary>The planner as a fold: the order of inputs, what it keeps, what it costs.</summary>
public sealed class PoolPlannerTests
{
    /// <summary>One record of a random history.</summary>
    private sealed record Input(string Key, Action<PoolPlanner> Apply);

    private static readonly string[] Ids = ["vm-a", "vm-b", "vm-c", "vm-d", "vm-e", "vm-f", "vm-g"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Order_of_inputs_of_different_keys_within_a_round_does_not_matter(int seed)
    {
        var straight = new PoolPlanner(PoolWorld.PoolId, new DecisionOptions());
        var shuffled = new PoolPlanner(PoolWorld.PoolId, new DecisionOptions());
        var random = new SeededRandom((ulong)seed);
        var shuffle = new SeededRandom((ulong)seed + 1000);
        List<Input> echoes = [];
        for (var round = 0; round < 200; round++)
        {
            var now = PoolWorld.Start + round * PoolWorld.Window;
            List<Input> inputs = [.. echoes, .. Inputs(ref random, round, now)];
            foreach (var input in inputs)
                input.Apply(straight);
            foreach (var input in Shuffled(inputs, ref shuffle))
                input.Apply(shuffled);
            var expected = Run(straight, now);
            Assert.Equal(expected.Text, Run(shuffled, now).Text);
            echoes = Executed(expected.Commands, now, ref random);
        }

        Assert.Equal(Saved(straight), Saved(shuffled));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_saved_state_loads_to_the_same_bytes_and_goes_on_alike(int seed)
    {
        var lived = new PoolPlanner(PoolWorld.PoolId, new DecisionOptions());
        var restored = lived;
        var random = new SeededRandom((ulong)seed);
        List<Input> echoes = [];
        for (var round = 0; round < 200; round++)
        {
            var now = PoolWorld.Start + round * PoolWorld.Window;
            foreach (var input in (List<Input>)[.. echoes, .. Inputs(ref random, round, now)])
            {
                input.Apply(lived);
                if (!ReferenceEquals(lived, restored))
                    input.Apply(restored);
            }

            if (round % 7 == 3)
            {
                var bytes = Saved(lived);
                restored = new PoolPlanner(PoolWorld.PoolId, new DecisionOptions());
                Assert.Equal(3, restored.Load((byte[])[.. bytes, 1, 2, 3]).Length);
                Assert.Equal(bytes, Saved(restored));
            }

            var expected = Run(lived, now);
            if (!ReferenceEquals(lived, restored))
                Assert.Equal(expected.Text, Run(restored, now).Text);
            echoes = Executed(expected.Commands, now, ref random);
        }
    }

    [Fact]
    public void The_random_histories_of_these_tests_see_every_kind_of_decision()
    {
        var planner = new PoolPlanner(PoolWorld.PoolId, new DecisionOptions());
        var random = new SeededRandom(5);
        var kinds = new HashSet<string>();
        List<Input> echoes = [];
        for (var round = 0; round < 200; round++)
        {
            var now = PoolWorld.Start + round * PoolWorld.Window;
            foreach (var input in (List<Input>)[.. echoes, .. Inputs(ref random, round, now)])
                input.Apply(planner);
            var run = Run(planner, now);
            kinds.UnionWith(run.Kinds);
            echoes = Executed(run.Commands, now, ref random);
        }

        foreach (var kind in Enum.GetNames<DecisionKind>())
            Assert.Contains(kind, kinds);
        foreach (var reason in new[] { "OfferChosen", "Reserved", "InFlight", "Stale", "Warming", "HeldByPerson", "Rollback", "Saturated" })
            Assert.Contains(reason, kinds);
    }

    [Fact]
    public void A_steady_round_allocates_nothing()
    {
        var world = new PoolWorld();
        for (var vm = 0; vm < 100; vm++)
            world.Vm($"vm-{vm}", cores: 2);
        var levels = new[] { 1f, 1.2f, 1f, 0.1f, 6f, 6f, 6f, 0.1f };
        var quantiles = PoolWorld.Quantiles(1, 2.3);
        var memory = PoolWorld.Quantiles(6, 8);
        float[] dwell = [.. quantiles, .. memory, .. quantiles, .. memory];
        var ids = Enumerable.Range(0, 100).Select(vm => $"vm-{vm}").ToArray();
        var decisions = 0;
        var commands = 0;
        Action<Decision> visit = decision =>
        {
            decisions++;
            commands += decision.Command is null ? 0 : 1;
        };
        void Rounds(int count)
        {
            for (var round = 0; round < count; round++)
            {
                world.Now += PoolWorld.Window;
                foreach (var id in ids)
                    world.Planner.Apply(new DemandOutlook(id, world.Now, 0, OutlookFlags.None, levels, dwell, "m"));
                world.Planner.Decide(world.Now, 1, visit);
            }
        }

        Rounds(50);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(200);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal((25_000, 0), (decisions, commands));
        Assert.True(allocated == 0, $"{allocated} bytes for 20,000 decisions that change nothing");
    }

    /// <summary>The byte table of <see cref="VmState"/>.</summary>
    [Fact]
    public void A_vm_costs_what_its_byte_table_says()
    {
        Assert.Equal(32 + 208 + 256 + 80 + 32, Unsafe.SizeOf<VmState>());
        var world = new PoolWorld().Vm("vm-0");
        var one = Saved(world.Planner).Length;
        for (var vm = 1; vm <= 100; vm++)
            world.Vm($"vm-{vm}").Forecast($"vm-{vm}");

        Assert.InRange((Saved(world.Planner).Length - one) / 100, Unsafe.SizeOf<VmState>(), 1_500);
    }

    [Fact]
    public void A_state_of_another_pool_or_layout_is_not_guessed_at()
    {
        var bytes = Saved(new PoolWorld().Vm("vm").Planner);
        Assert.Throws<InvalidDataException>(() => new PoolPlanner("pool-b", new DecisionOptions()).Load(bytes));
        Assert.Throws<InvalidDataException>(() => new PoolPlanner(PoolWorld.PoolId, new DecisionOptions()).Load(bytes.AsSpan(..^1)));
        bytes[0]++;
        Assert.Throws<InvalidDataException>(() => new PoolPlanner(PoolWorld.PoolId, new DecisionOptions()).Load(bytes));
    }

    [Fact]
    public void A_removed_vm_is_forgotten_and_the_others_stay()
    {
        var world = new PoolWorld(cores: 12).Vm("a").Vm("b").Vm("c", cores: 2).Forecast("b").Forecast("c", mean: 6, tail: 6);

        Assert.True(world.Planner.RemoveVm("a"));
        Assert.False(world.Planner.RemoveVm("a"));
        var decisions = world.Round();

        Assert.Equal(["b", "c"], decisions.Select(decision => decision.VmId));
        Assert.Equal(6, decisions[1].Target.CpuCores);
    }

    [Fact]
    public void A_vm_without_a_forecast_is_held_and_says_so()
    {
        var decision = new PoolWorld().Vm("vm").RoundOf("vm");

        Assert.Equal((DecisionKind.Hold, DecisionReason.NoForecast), (decision.Kind, decision.Reason));
        Assert.Equal(EventTime.Unknown, decision.ForecastOrigin);
    }

    private static List<Input> Inputs(ref SeededRandom random, int round, EventTime now)
    {
        var inputs = new List<Input>();
        if (round == 0)
        {
            inputs.Add(new Input("host-1", planner => planner.Apply(PoolWorld.Host("host-1", 30))));
            inputs.Add(new Input("host-2", planner => planner.Apply(PoolWorld.Host("host-2", 10, coreStep: 0.5))));
            inputs.Add(new Input("offer", planner => planner.Apply(PoolWorld.OfferOf("offer", 0.1, cores: 14))));
            for (var vm = 0; vm < Ids.Length; vm++)
            {
                var spec = new VmSpec(Ids[vm], PoolWorld.PoolId, new VmSize(4, 8), new VmSize(0.5, 1), new VmSize(16, 32), (Priority)(vm % 4));
                inputs.Add(new Input(spec.VmId, planner => planner.Apply(spec)));
            }
        }

        if (round == 100)
        {
            inputs.Add(new Input("vm-c", planner => planner.RemoveVm("vm-c")));
            inputs.Add(new Input("host-3", planner => planner.Apply(PoolWorld.Host("host-3", 3, spot: true))));
        }

        foreach (var id in Ids)
        {
            var (draw, mean) = (random.NextInt32(40), 0.5 + 6 * random.NextDouble());
            var flags = draw switch { 0 => OutlookFlags.CpuSaturated, 1 => OutlookFlags.Throttled, 2 => OutlookFlags.Warming, _ => OutlookFlags.None };
            // Calm stretches, so that decreases come about.
            mean = round / 25 % 2 == 0 ? mean : 1;
            var levels = new[] { 1f, (float)mean, (float)mean, 0.3f, 4f, 4f, 4f, 0.2f };
            float[] cpu = PoolWorld.Quantiles(mean, mean + 1), memory = PoolWorld.Quantiles(4, 5);
            float[] dwell = [.. cpu, .. memory, .. cpu, .. memory];
            if (draw == 3)
                continue;
            var age = draw == 4 ? 5 : 0;
            inputs.Add(new Input(id, planner => planner.Apply(new DemandOutlook(id, now, age, flags, levels, dwell, "m-1"))));
        }

        var person = random.NextInt32(30);
        var target = Ids[random.NextInt32(Ids.Length)];
        ControlRequest? request = person switch
        {
            0 => new AdjustRequest($"r-{round}", "ann", now, new VmSize(6, 9), TimeSpan.FromMinutes(30)) { VmId = target },
            1 => new HoldRequest($"r-{round}", "ann", now, TimeSpan.FromMinutes(30)) { VmId = target },
            2 => new RollbackRequest($"r-{round}", "ann", now) { VmId = target },
            3 => new ReleaseRequest($"r-{round}", "ann", now) { VmId = target },
            _ => null,
        };
        if (request is not null)
            inputs.Add(new Input(target, planner => planner.Apply(request)));
        return inputs;
    }

    private static List<Input> Executed(List<ResizeCommand> commands, EventTime now, ref SeededRandom random)
    {
        var echoes = new List<Input>();
        foreach (var command in commands)
        {
            var draw = random.NextInt32(10);
            if (draw == 0)
                continue;
            var outcome = draw switch { 1 => AllocationOutcome.Failed, 2 => AllocationOutcome.Partial, _ => AllocationOutcome.Applied };
            var observed = outcome switch
            {
                AllocationOutcome.Failed => command.Expected,
                AllocationOutcome.Partial => VmSize.Max(command.Expected, command.Target),
                _ => command.Target,
            };
            var host = command.Placement.Length > 0 ? command.Placement : draw > 6 ? "host-1" : draw > 4 ? "host-2" : "";
            var allocation = new Allocation(
                command.VmId, command.PoolId, command.Revision, command.Target, observed, outcome, host, command.Issued, now + TimeSpan.FromSeconds(40));
            echoes.Add(new Input(command.VmId, planner => planner.Apply(allocation)));
        }

        return echoes;
    }

    /// <summary>Any order that keeps the inputs of each key in theirs.</summary>
    private static List<Input> Shuffled(List<Input> inputs, ref SeededRandom random)
    {
        var queues = inputs.GroupBy(input => input.Key).Select(group => new Queue<Input>(group)).ToList();
        var shuffled = new List<Input>();
        while (queues.Count > 0)
        {
            var index = random.NextInt32(queues.Count);
            shuffled.Add(queues[index].Dequeue());
            if (queues[index].Count == 0)
                queues.RemoveAt(index);
        }

        return shuffled;
    }

    private static (string Text, List<ResizeCommand> Commands, HashSet<string> Kinds) Run(PoolPlanner planner, EventTime now)
    {
        var lines = new List<string>();
        var commands = new List<ResizeCommand>();
        var kinds = new HashSet<string>();
        planner.Decide(now, 3, decision =>
        {
            lines.AddRange(Explanation.Lines(decision));
            lines.Add(string.Join(' ', decision.Steps.ToArray().Select(step => $"{step.Kind}{step.Resource}{BitConverter.SingleToInt32Bits(step.Value):x}")));
            kinds.UnionWith([decision.Kind.ToString(), decision.Reason.ToString(), decision.CpuReason.ToString()]);
            if (decision.Command is { } command)
                commands.Add(command);
        });
        return (string.Join('\n', lines), commands, kinds);
    }

    private static byte[] Saved(PoolPlanner planner)
    {
        var to = new ArrayBufferWriter<byte>();
        planner.Save(to);
        return to.WrittenSpan.ToArray();
    }
}
