using Akka.Streams;
using Akka.Streams.Stage;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Streams;

/// <summary>
/// Emits a shard once per demand, each time after it has polled: the batch travels inside the shard, so nothing is copied or allocated.
/// The shard is opened when the stage starts and disposed when it ends, always on the stage's own thread. Where downstream is done with it
/// (a kill switch) the shard drains first; where anything failed it is given up as it is, for its state may be ahead of the log.
/// Materialises to a task that ends when the shard has left its group, with the failure if there was one.
/// </summary>
internal sealed class ShardSource(Func<Shard> open) : GraphStageWithMaterializedValue<SourceShape<Shard>, Task>
{
    private readonly Outlet<Shard> _turns = new("ShardSource.turns");

    public override SourceShape<Shard> Shape => new(_turns);

    public override ILogicAndMaterializedValue<Task> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var logic = new Logic(this, open);
        return new LogicAndMaterializedValue<Task>(logic, logic.Ended);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Func<Shard> _open;
        private readonly Outlet<Shard> _turns;
        private Shard? _shard;
        private Exception? _failure;

        public Logic(ShardSource stage, Func<Shard> open)
            : base(stage.Shape)
        {
            _open = open;
            _turns = stage._turns;
            SetHandler(_turns, this);
        }

        public Task Ended => _ended.Task;

        public override void PreStart()
        {
            try
            {
                _shard = _open();
            }
            catch (Exception failure)
            {
                Fail(failure);
            }
        }

        // Blocks for up to the poll wait: this is why a shard has a thread of its own.
        public override void OnPull()
        {
            try
            {
                _shard!.Poll();
            }
            catch (Exception failure)
            {
                Fail(failure);
                return;
            }

            Push(_turns, _shard);
        }

        public override void OnDownstreamFinish(Exception cause)
        {
            if (cause is SubscriptionWithCancelException.NonFailureCancellation)
                Attempt(() => _shard?.Drain());
            else
                _failure ??= cause;
            base.OnDownstreamFinish(cause);
        }

        public override void PostStop()
        {
            Attempt(() => _shard?.Dispose());
            if (_failure is null)
                _ended.SetResult();
            else
                _ended.SetException(_failure);
        }

        private void Fail(Exception failure)
        {
            _failure = failure;
            FailStage(failure);
        }

        /// <summary>Where the stage is ending anyway: the failure is reported and changes nothing.</summary>
        private void Attempt(Action call)
        {
            try
            {
                call();
            }
            catch (Exception failure)
            {
                _failure ??= failure;
            }
        }
    }
}
