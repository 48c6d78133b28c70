using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Shards;
using StreamAllocator.Pipeline.Tasks;
using StreamAllocator.Schemas;

namespace StreamAllocator.Simulation.Tests.Faults;

/// <summary>The list of seeded bugs. Each makes the test of its name fail to find nothing.</summary>
internal static class SeededBugs
{
    /// <summary>Of so many commits or steps one goes wrong.</summary>
    private const int OneIn = 97;

    private static readonly Topics Topics = new(Pipeline.Topics.ForRun("sim"));

    public static readonly IReadOnlyList<SeededBug> All =
    [
        new("Offsets_are_committed_before_outputs") { Log = OffsetsBeforeOutputs },
        new("Outputs_are_committed_before_offsets") { Log = OutputsBeforeOffsets },
        new("The_abort_is_skipped") { Log = AbortSkipped },
        new("The_offset_of_the_last_record_is_committed_instead_of_the_next") { Log = LastOffsetCommitted },
        new("The_first_batch_after_a_hand_over_is_dropped") { Log = BatchDroppedAtHandOver },
        new("A_snapshot_is_older_than_its_offset") { Role = In("predict", StaleSnapshots()), SnapshotEvery = 7 },
        new("Ticks_are_lost_on_restore") { Role = In("decide", TicksLost), SnapshotEvery = 1 },
        new("The_watermark_is_the_maximum_of_the_sources") { Role = In("predict", MaximumWatermark) },
        new("A_late_sample_is_counted_twice") { Role = In("ingest", task => Doubled(task, Topics.Late)) },
        new("A_dead_letter_is_lost") { Role = In("ingest", task => Filtered(task, Topics.DeadLetter)) },
        new("Outputs_of_the_recovery_are_not_suppressed") { Role = In("predict", RecoveryNotSuppressed) },
        new("Order_within_a_key_is_swapped") { Role = In("predict", OrderSwapped) },
        new("A_key_goes_to_another_partition") { Role = In("predict", OtherPartition) },
        new("A_command_is_issued_again") { Role = In("decide", task => Doubled(task, Topics.Commands)) },
        new("A_value_depends_on_the_batch") { Role = In("predict", BatchInTheValue) },
        new("A_read_back_is_lost") { Role = In("execute", task => Filtered(task, Topics.Allocations)) },
    ];

    private static LogDecorator OffsetsBeforeOutputs(IEventLog log)
    {
        var commits = 0;
        return new LogDecorator(log, producer: inner =>
        {
            var held = new OutputBatch();
            return new ProducerDecorator(
                inner,
                send: (_, outputs) => Batches.AppendAll(outputs, held),
                commit: (producer, consumer, offsets) =>
                {
                    producer.Commit(consumer, offsets);
                    if (++commits % OneIn == 0)
                        throw new Crash();
                    producer.Send(held);
                    producer.Commit(null, []);
                    held.Clear();
                });
        });
    }

    private static LogDecorator OutputsBeforeOffsets(IEventLog log)
    {
        var commits = 0;
        return new LogDecorator(log, producer: inner => new ProducerDecorator(inner, commit: (producer, consumer, offsets) =>
        {
            producer.Commit(null, []);
            if (++commits % OneIn == 0)
                throw new Crash();
            producer.Commit(consumer, offsets);
        }));
    }

    private static LogDecorator AbortSkipped(IEventLog log)
    {
        var commits = 0;
        var left = new OutputBatch();
        return new LogDecorator(log, producer: inner =>
        {
            var sent = new OutputBatch();
            return new ProducerDecorator(
                inner,
                send: (_, outputs) => Batches.AppendAll(outputs, sent),
                commit: (producer, consumer, offsets) =>
                {
                    if (++commits % OneIn == 0)
                    {
                        Batches.AppendAll(sent, left);
                        throw new Crash();
                    }

                    producer.Send(left);
                    producer.Send(sent);
                    left.Clear();
                    sent.Clear();
                    producer.Commit(consumer, offsets);
                });
        });
    }

    private static LogDecorator LastOffsetCommitted(IEventLog log) => new(log, producer: inner => new ProducerDecorator(
        inner,
        commit: (producer, consumer, offsets) => producer.Commit(
            consumer, [.. offsets.Select(offset => offset with { Next = Math.Max(0, offset.Next - 1) })])));

    private static LogDecorator BatchDroppedAtHandOver(IEventLog log)
    {
        var joined = 0;
        return new LogDecorator(log, consumer: inner =>
        {
            var dropNext = ++joined > 5;
            return new ConsumerDecorator(inner, (_, batch, outcome) =>
            {
                if (!dropNext || outcome != PollOutcome.Records)
                    return outcome;
                dropNext = false;
                batch.Clear();
                return PollOutcome.Idle;
            });
        });
    }

    private static Func<ITask, ITask> StaleSnapshots() => task =>
    {
        byte[]? before = null;
        return new TaskDecorator(task, save: (inner, to) =>
        {
            var state = new ArrayBufferWriter<byte>();
            inner.Save(state);
            to.Write(before ?? state.WrittenSpan);
            before = state.WrittenSpan.ToArray();
        });
    };

    /// <summary>The first part of a decide task's state are its ticks.</summary>
    private static TaskDecorator TicksLost(ITask task) => new(task, save: (inner, to) =>
    {
        var state = new ArrayBufferWriter<byte>();
        inner.Save(state);
        var reader = new StateReader(state.WrittenSpan);
        reader.Part();
        var writer = new StateWriter(to);
        var empty = new SourceTicks(null);
        empty.Expect(Pipeline.Wire.TickSource.Predict);
        empty.Expect(Pipeline.Wire.TickSource.Execute);
        writer.Part(empty.Save);
        writer.Array(reader.Part());
        writer.Array(reader.Part());
    });

    private static TaskDecorator MaximumWatermark(ITask task) => new(task, step: (inner, batch, outputs) =>
        inner.Step(
            Batches.Copy(batch, value: record =>
            {
                var inputs = VmInputs.Parser.ParseFrom(record.Value);
                if (inputs.Tick is not null)
                    (inputs.Tick.Index, inputs.Tick.Count) = (0, 1);
                return Google.Protobuf.MessageExtensions.ToByteArray(inputs);
            }),
            outputs));

    private static TaskDecorator Doubled(ITask task, string topic) => new(task, step: (inner, batch, outputs) =>
    {
        var made = new OutputBatch();
        inner.Step(batch, made);
        for (var index = 0; index < made.Count; index++)
        {
            Batches.AppendAll(made, outputs, at => at == index);
            if (made.Target(index).Topic == topic && !made[index].Key.IsEmpty)
                Batches.AppendAll(made, outputs, at => at == index);
        }
    });

    private static TaskDecorator Filtered(ITask task, string topic) => new(task, step: (inner, batch, outputs) =>
    {
        var made = new OutputBatch();
        inner.Step(batch, made);
        Batches.AppendAll(made, outputs, index => made.Target(index).Topic != topic);
    });

    private static TaskDecorator RecoveryNotSuppressed(ITask task)
    {
        OutputBatch? first = null;
        var recovered = new OutputBatch();
        return new TaskDecorator(task, step: (inner, batch, outputs) =>
        {
            first ??= outputs;
            if (!ReferenceEquals(first, outputs))
            {
                Batches.AppendAll(recovered, outputs);
                recovered.Clear();
                first = outputs;
            }

            inner.Step(batch, outputs);
            if (outputs.Count > 0)
                Batches.AppendAll(outputs, recovered);
            else
                recovered.Clear();
        });
    }

    private static TaskDecorator OrderSwapped(ITask task)
    {
        var steps = 0;
        var held = new OutputBatch();
        return new TaskDecorator(task, step: (inner, batch, outputs) =>
        {
            if (++steps % OneIn == 0)
            {
                inner.Step(batch, held);
                return;
            }

            inner.Step(batch, outputs);
            if (outputs.Count > 0)
            {
                Batches.AppendAll(held, outputs);
                held.Clear();
            }
        });
    }

    private static TaskDecorator OtherPartition(ITask task) => new(task, step: (inner, batch, outputs) =>
    {
        var made = new OutputBatch();
        inner.Step(batch, made);
        for (var index = 0; index < made.Count; index++)
        {
            var target = made.Target(index);
            if (target.Topic == Topics.Features)
                target = target with { Partition = 1 - target.Partition };
            var record = made[index];
            outputs.Append(target, record.Time, record.Key, record.Headers, record.Value);
        }
    });

    private static TaskDecorator BatchInTheValue(ITask task) => new(task, step: (inner, batch, outputs) =>
    {
        var made = new OutputBatch();
        inner.Step(batch, made);
        for (var index = 0; index < made.Count; index++)
        {
            var record = made[index];
            // Field 100, a varint: a reader that does not know it passes it over.
            byte[] value = made.Target(index).Topic == Topics.Features ? [.. record.Value, 0xA0, 0x06, (byte)batch.Count] : record.Value.ToArray();
            outputs.Append(made.Target(index), record.Time, record.Key, record.Headers, value);
        }
    });

    private static Func<Role, Role> In(string group, Func<ITask, ITask> decorate) => role =>
        role.Group == Topics.Group(group) ? role with { Create = partition => decorate(role.Create(partition)) } : role;
}
