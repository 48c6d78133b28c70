using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Events;

/// <summary>
/// Decisions, commands and allocations as server-sent events. Each reader reads the log itself, at its own pace, so a slow one holds up nobody; it
/// goes on behind its <c>Last-Event-ID</c> without loss or repetition, or begins with what comes next.
/// </summary>
internal sealed class EventFeed(IEventLog log, Topics topics, ServerOptions options, FleetView view)
{
    private const int BatchSize = 200;

    /// <summary>A look at the log where the views have not stirred: commands are no part of them.</summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(250);

    /// <summary>Comment lines keep the connection open through proxies.</summary>
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    private readonly DecisionCodec _decisions = new();
    private readonly (string Name, TopicPartition[] Partitions)[] _topics = Layout(log, topics);
    private int _readers;

    public async Task Serve(HttpContext context, IReadOnlyCollection<string> vms, CancellationToken stopping)
    {
        if (Interlocked.Increment(ref _readers) > options.MaxSubscribers)
        {
            Interlocked.Decrement(ref _readers);
            await Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "Too many readers", $"found {options.MaxSubscribers} readers, expected fewer")
                .ExecuteAsync(context);
            return;
        }

        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            await ServeOne(context, vms, ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the server stops: a feed has no other end.
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private static (string Name, TopicPartition[] Partitions)[] Layout(IEventLog log, Topics topics)
    {
        var specs = log.Topics().ToDictionary(spec => spec.Name, spec => spec.Partitions);
        return
        [
            ("decisions", Partitions(topics.Decisions)),
            ("commands", Partitions(topics.Commands)),
            ("allocations", Partitions(topics.Allocations)),
        ];

        TopicPartition[] Partitions(string topic) =>
            [.. Enumerable.Range(0, specs[topic]).Select(partition => new TopicPartition(topic, partition))];
    }

    private async Task ServeOne(HttpContext context, IReadOnlyCollection<string> vms, CancellationToken cancellationToken)
    {
        EventPosition position;
        string? last = context.Request.Headers["Last-Event-ID"];
        if (string.IsNullOrEmpty(last))
        {
            position = EventPosition.At(_topics, log.EndOffset);
        }
        else if (EventPosition.TryParse(_topics, last) is { } resumed && resumed.Next.All(next => next.Value <= log.EndOffset(next.Key)))
        {
            position = resumed;
        }
        else
        {
            await Problems.Invalid("Last-Event-ID", $"'{last}'", $"the id of an event of this log, such as {EventPosition.At(_topics, log.EndOffset)}")
                .ExecuteAsync(context);
            return;
        }

        using var consumer = log.Read([.. _topics.SelectMany(topic => topic.Partitions)]);
        var text = new StringBuilder();
        foreach (var (partition, next) in position.Next.ToList())
        {
            var begin = log.BeginOffset(partition);
            if (next < begin)
                Append(text, position, "gap", new { topic = partition.Topic, partition = partition.Partition, from = next, to = begin });
            consumer.Seek(partition, next);
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.WriteAsync(": from " + position + "\n\n", cancellationToken);
        await Follow(context.Response, consumer, position, vms, text, cancellationToken);
    }

    private async Task Follow(
        HttpResponse response,
        ILogConsumer consumer,
        EventPosition position,
        IReadOnlyCollection<string> vms,
        StringBuilder text,
        CancellationToken cancellationToken)
    {
        using var batch = new RecordBatch();
        var quiet = TimeSpan.Zero;
        while (true)
        {
            var changed = view.Changed;
            var found = consumer.Poll(batch, BatchSize, TimeSpan.Zero) == PollOutcome.Records;
            for (var index = 0; index < batch.Count; index++)
                Append(text, position, batch.Source, batch[index], vms);
            if (quiet >= HeartbeatEvery)
                text.Append(":\n\n");
            if (text.Length > 0)
            {
                await response.WriteAsync(text.ToString(), cancellationToken);
                text.Clear();
                quiet = TimeSpan.Zero;
            }

            if (found)
                continue;
            await response.Body.FlushAsync(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(LongestNap, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            quiet += LongestNap;
        }
    }

    private void Append(
        StringBuilder text, EventPosition position, TopicPartition source, in LogRecord record, IReadOnlyCollection<string> vms)
    {
        position.Pass(source, record.Offset);
        if (record.Value.IsEmpty || record.Headers.SequenceEqual(SchemaHeaders.Tick))
            return;
        if (vms.Count > 0 && !vms.Contains(Encoding.UTF8.GetString(record.Key)))
            return;
        var reader = new ProtoReader(record.Value);
        try
        {
            if (source.Topic == topics.Decisions)
                Append(text, position, "decision", DecisionAnswer.Of(Read(reader)));
            else if (source.Topic == topics.Commands)
                Append(text, position, "command", CommandAnswer.Of(ResizeCommandCodec.Read(reader)));
            else
                Append(text, position, "allocation", AllocationAnswer.Of(AllocationCodec.Read(reader)));
        }
        catch (WireFormatException exception)
        {
            Append(text, position, "unreadable", new { topic = source.Topic, partition = source.Partition, offset = record.Offset, exception.Message });
        }
    }

    private Domain.Decision Read(ProtoReader reader)
    {
        // The codec reuses its columns, and readers share it.
        lock (_decisions)
        {
            return _decisions.Read(reader);
        }
    }

    private static void Append<T>(StringBuilder text, EventPosition position, string name, T data) => text
        .Append("id: ").Append(position.ToString())
        .Append("\nevent: ").Append(name)
        .Append("\ndata: ").Append(JsonSerializer.Serialize(data, Json.Options))
        .Append("\n\n");
}
