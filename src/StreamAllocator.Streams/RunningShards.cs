using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Microsoft.Extensions.Logging;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Streams;

/// <summary>A role and by how many shards this process carries it out.</summary>
public readonly record struct ShardedRole(Role Role, int Shards);

/// <summary>
/// Shards that run until they are stopped, each as a graph on its own thread. A shard that fails (a fence, a commit of unknown outcome, a bug)
/// is disposed and, after a back-off, a new one with a new consumer and producer goes on from the committed offsets. One that fails too
/// often ends all of them.
/// </summary>
public sealed class RunningShards : IAsyncDisposable
{
    private static readonly TimeSpan FoldedCheckEvery = TimeSpan.FromMilliseconds(20);

    private readonly SharedKillSwitch _stop = KillSwitches.Shared("running-shards");
    private readonly ActorMaterializer _materializer;
    private readonly RunningShardsOptions _options;
    private readonly ILogger _logger;
    private readonly AllocatorMetrics? _metrics;
    private readonly IReadOnlyCollection<ShardedRole> _roles;
    private readonly List<Task> _shards = [];

    /// <param name="open">
    /// Opens a shard of a role under a name that is the same at each restart; called on the shard's thread, and again after each failure.
    /// </param>
    /// <param name="metrics">Fed with each failure, and the time and the tick of each step, under the name of the role's group; null where nobody listens.</param>
    public RunningShards(
        ActorSystem system,
        IReadOnlyCollection<ShardedRole> roles,
        Func<Role, string, Shard> open,
        RunningShardsOptions options,
        ILogger logger,
        AllocatorMetrics? metrics = null)
    {
        if (options.Validate().FirstOrDefault() is { } violation)
            throw new ArgumentException(violation, nameof(options));
        _roles = roles;
        _options = options;
        _logger = logger;
        _metrics = metrics;
        _materializer = ShardThreads.Materializer(system);
        foreach (var (role, shards) in roles)
        {
            for (var index = 0; index < shards; index++)
            {
                var name = $"shard-{index}";
                _shards.Add(Run(role.Group, name, () => open(role, name)));
            }
        }

        Ended = Task.WhenAll(_shards);
    }

    /// <summary>Ends when all shards were stopped; fails, once all have ended, with the failure of a shard that gave up.</summary>
    public Task Ended { get; }

    /// <summary>
    /// Ends when every input record is folded and committed, those included that the folding itself wrote; fails like <see cref="Ended"/>.
    /// For driven runs: there tasks write in answer to records only, so nothing comes after that.
    /// </summary>
    public async Task AllFolded(IEventLog log, CancellationToken cancellationToken)
    {
        using var check = new FoldedCheck(log, _roles.SelectMany(sharded => sharded.Role.Topics.Select(topic => (sharded.Role.Group, topic))));
        while (!Ended.IsCompleted && !check.IsFolded())
            await Task.Delay(FoldedCheckEvery, cancellationToken).ConfigureAwait(false);
        if (Ended.IsCompleted)
            await Ended.ConfigureAwait(false);
    }

    /// <summary>
    /// Each shard finishes its batch, commits, takes its snapshots and leaves its group. Returns when they have, or when the stop timeout is
    /// over; never fails: see <see cref="Ended"/>.
    /// </summary>
    public async Task Stop()
    {
        _stop.Shutdown();
        if (await Task.WhenAny(Ended, Task.Delay(_options.StopTimeout)).ConfigureAwait(false) != Ended)
            _logger.StopTimedOut(_shards.Count(shard => !shard.IsCompleted), _shards.Count, _options.StopTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        await Stop().ConfigureAwait(false);
        _materializer.Dispose();
    }

    private async Task Run(string group, string name, Func<Shard> open)
    {
        var shard = Task.CompletedTask;
        var restarts = RestartSettings
            .Create(_options.FirstBackoff, _options.LongestBackoff, 0.2)
            .WithMaxRestarts(_options.MaxRestarts, _options.RestartsWithin);
        try
        {
            await RestartSource.OnFailuresWithBackoff(Attempt, restarts)
                .Via(_stop.Flow<Shard>())
                .RunWith(Sink.Ignore<Shard>(), _materializer)
                .ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _logger.ShardGaveUp(failure, group, name, _options.MaxRestarts, _options.RestartsWithin);
            _stop.Shutdown();
            throw;
        }

        try
        {
            await shard.ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _logger.ShardNotDrained(failure, group, name);
        }

        void Measure(Shard stepped, TimeSpan elapsed)
        {
            _metrics?.Step(group, elapsed);
            _metrics?.Ticked(group, name, stepped.Reached);
        }

        // Turns stay inside: only the end of the inner graph concerns the supervision around it.
        Source<Shard, Akka.NotUsed> Attempt() => ShardGraph.Turns(open, Measure, _options.CommitEvery)
            .MapMaterializedValue(ended =>
            {
                shard = ended;
                return Akka.NotUsed.Instance;
            })
            .Where(_ => false)
            .SelectError(failure =>
            {
                _logger.ShardFailed(failure, group, name);
                _metrics?.ShardFailed(group);
                return failure;
            });
    }
}
