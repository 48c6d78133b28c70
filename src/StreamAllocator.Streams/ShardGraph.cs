using System.Diagnostics;
using Akka.Streams;
using Akka.Streams.Dsl;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Streams;

/// <summary>
/// A shard as one fused graph: poll → step → commit, one batch under way at a time. Each stage calls the method of its name and no more;
/// the next poll happens when the commit asks for it. Commits are paced: under load one takes in several steps, and once nothing is left to
/// fold, or much waits for it, it comes at once.
/// </summary>
public static class ShardGraph
{
    /// <param name="open">Opens the shard; called once for each materialisation, on the thread that will run it.</param>
    /// <param name="stepped">Hears of each step how long it took; it decides nothing.</param>
    /// <param name="commitEvery">Shortest time between two commits while there is more to fold; zero commits each step.</param>
    /// <returns>Emits the shard after each turn. Materialises to the end of the shard: drained and closed, or failed.</returns>
    public static Source<Shard, Task> Turns(Func<Shard> open, Action<Shard, TimeSpan>? stepped = null, TimeSpan commitEvery = default) =>
        Source.FromGraph(new ShardSource(open)).Select(shard => Step(shard, stepped)).Select(new CommitPace(commitEvery).Commit);

    /// <summary>The same graph to be run alone: a switch that ends it in good order, and its end.</summary>
    public static IRunnableGraph<(IKillSwitch Stop, Task Ended)> Of(Func<Shard> open) =>
        Turns(open)
            .ViaMaterialized(KillSwitches.Single<Shard>(), (ended, stop) => ((IKillSwitch)stop, ended))
            .To(Sink.Ignore<Shard>().MapMaterializedValue(_ => Akka.NotUsed.Instance));

    private static Shard Step(Shard shard, Action<Shard, TimeSpan>? stepped)
    {
        var started = Stopwatch.GetTimestamp();
        shard.Step();
        stepped?.Invoke(shard, Stopwatch.GetElapsedTime(started));
        return shard;
    }

    private sealed class CommitPace(TimeSpan every)
    {
        private long _last;

        public Shard Commit(Shard shard)
        {
            if (!shard.WantsCommit && Stopwatch.GetElapsedTime(_last) < every)
                return shard;
            shard.Commit();
            _last = Stopwatch.GetTimestamp();
            return shard;
        }
    }
}
