using StreamAllocator.Cli.Composition;
using StreamAllocator.Cli.Runs;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Simulation.Tests.Faults;

namespace StreamAllocator.Simulation.Tests;

/// <summary>
/// The partitions of <c>vm-inputs</c> raised in the middle of a run. Everything comes out as if they had not been, but for the requests for refits:
/// the health of a class is judged by partition, and each partition asks.
/// </summary>
public sealed class GrowthTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> Ungrown = new(() =>
    {
        using var rig = new Rig();
        rig.Run();
        return Compared(rig);
    });

    [Theory]
    [InlineData(2, 4)]
    [InlineData(1, 3)]
    [InlineData(1, 2, 6)]
    public void Raised_in_the_middle_all_comes_out_as_if_they_had_not_been(int before, params int[] raised)
    {
        using var rig = new Rig(vmPartitions: before);
        rig.Run(round =>
        {
            if (round % 150 == 149 && round / 150 < raised.Length)
                rig.Grow(raised[round / 150]);
        });

        Assert.Equal(raised[^1], Partitions(rig));
        Assert.All(Enumerable.Range(0, raised[^1]), partition => Assert.True(rig.Log.EndOffset(new TopicPartition(rig.Topics.VmInputs, partition)) > 0));
        Assert.Equal(Ungrown.Value, Compared(rig));
    }

    [Fact]
    public void State_moves_by_replay_where_no_snapshot_is_left()
    {
        using var rig = new Rig(vmPartitions: 1, shards: 2);
        rig.Run(round =>
        {
            if (round is 120 or 240)
                rig.Grow(round == 120 ? 2 : 4);
            if (round is not (120 or 240 or 241 or 360))
                return;
            rig.LoseSnapshots();
            throw new Crash();
        });

        Assert.Equal(4, Partitions(rig));
        Assert.Equal(Ungrown.Value, Compared(rig));
    }

    [Fact]
    public void Broken_off_at_any_step_it_is_finished_by_the_same_command_and_nothing_starts_before()
    {
        var dies = 0;
        for (var died = true; died; dies++)
        {
            using var rig = new Rig();
            rig.Run(round =>
            {
                if (round == 150)
                    rig.Grow(4, (growth, partitions) => died = BreakOff(rig, growth, partitions, dies));
            });
            Assert.Equal(Ungrown.Value, Compared(rig));
        }

        // Before and after each of: a commit of the fold at least, the topic of the lineage, its record, the new partitions.
        Assert.True(dies > 8, $"it has {dies} steps");
    }

    [Fact]
    public void Given_up_it_leaves_the_partitions_as_they_were()
    {
        using var rig = new Rig();
        rig.Run(round =>
        {
            if (round != 150)
                return;
            rig.Grow(2, (growth, partitions) =>
            {
                var noted = new LogDecorator(rig.Log, change: change => Die(rig, change));
                Assert.Throws<Crash>(() => growth(noted).Raise(6, CancellationToken.None));
                Unfinished(rig);
                growth(rig.Log).Raise(partitions, CancellationToken.None);
            });
        });

        Assert.Equal(2, Partitions(rig));
        Assert.Equal(Ungrown.Value, Compared(rig));
    }

    [Fact]
    public void What_is_not_as_it_must_be_is_refused_and_told()
    {
        using var rig = new Rig();
        rig.Run(round =>
        {
            if (round != 150)
                return;
            Refused(rig, rig.Log, 4, "is running (shard-0 of group streamallocator.run-sim.ingest");
            rig.Grow(2, (growth, _) =>
            {
                Refused(rig, rig.Log, 3, "expected a multiple of 2");
                Refused(rig, rig.Log, 1, "expected a multiple of 2");
                using var empty = new Pipeline.Logs.InMemory.InMemoryLog();
                Refused(rig, empty, 4, "'topics create'");
            });
        });

        Assert.Equal(Ungrown.Value, Compared(rig));
        rig.Log.AddPartitions(rig.Topics.VmInputs, 4);
        Assert.Contains("'topics grow' alone", Assert.Throws<LogException>(() => LogLayout.Of(rig.Log, rig.Topics, Rig.Options)).Message, StringComparison.Ordinal);
    }

    private static int Partitions(Rig rig) => rig.Log.Topics().Single(topic => topic.Name == rig.Topics.VmInputs).Partitions;

    private static bool IsNoted(Rig rig) => new LineageTopic(rig.Log, rig.Topics).Read() is not null;

    private static void Unfinished(Rig rig) => Assert.Contains(
        "'topics grow --vm-partitions 2' to give it up", Assert.Throws<LogException>(() => LogLayout.Of(rig.Log, rig.Topics, Rig.Options)).Message, StringComparison.Ordinal);

    /// <summary>Once the lineage is noted.</summary>
    private static void Die(Rig rig, Action change)
    {
        if (IsNoted(rig))
            throw new Crash();
        change();
    }

    private static Dictionary<string, string> Compared(Rig rig) =>
        rig.Digests().Where(of => of.Key != "retraining").ToDictionary(of => of.Key, of => of.Value);

    private static void Refused(Rig rig, IEventLog log, int partitions, string why)
    {
        var growth = new Growth(log, rig.Topics, Rig.Options, null) { Patience = TimeSpan.Zero };
        Assert.Contains(why, Assert.Throws<LogException>(() => growth.Raise(partitions, CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    /// <returns>False where it has no such step.</returns>
    private static bool BreakOff(Rig rig, Func<IEventLog, Growth> growth, int partitions, int dies)
    {
        var step = 0;
        try
        {
            growth(Dying()).Raise(partitions, CancellationToken.None);
            return false;
        }
        catch (Crash)
        {
            if (Partitions(rig) < partitions && IsNoted(rig))
                Unfinished(rig);
            growth(rig.Log).Raise(partitions, CancellationToken.None);
            return true;
        }

        IEventLog Dying() => new LogDecorator(
            rig.Log,
            producer: producer => new ProducerDecorator(producer, commit: (inner, consumer, offsets) => Step(() => inner.Commit(consumer, offsets))),
            change: Step);

        void Step(Action change)
        {
            if (step++ == dies)
                throw new Crash();
            change();
            if (step++ == dies)
                throw new Crash();
        }
    }
}
