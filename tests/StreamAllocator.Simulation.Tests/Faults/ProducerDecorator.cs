using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>Sends and commits as it is told, or as a bug has it.</summary>
internal sealed class ProducerDecorator(
    ILogProducer inner,
    Action<ILogProducer, OutputBatch>? send = null,
    Action<ILogProducer, ILogConsumer?, IReadOnlyList<PartitionOffset>>? commit = null) : ILogProducer
{
    public void Send(OutputBatch outputs)
    {
        if (send is null)
            inner.Send(outputs);
        else
            send(inner, outputs);
    }

    public void Commit(ILogConsumer? consumer, IReadOnlyList<PartitionOffset> offsets)
    {
        var member = consumer is ConsumerDecorator decorated ? decorated.Inner : consumer;
        if (commit is null)
            inner.Commit(member, offsets);
        else
            commit(inner, member, offsets);
    }

    public void Abort() => inner.Abort();

    public void Dispose() => inner.Dispose();
}
