using Google.Protobuf;
using StreamAllocator.Chaos.Tests.Checks;
using StreamAllocator.Chaos.Tests.Evidence;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Chaos.Tests;

/// <summary>What a broken allocator would have left behind: each changes a clean transcript in one place.</summary>
/// <param name="Harm">What the checker must call it.</param>
internal sealed record SeededFault(string Name, Harm Harm, Action<Transcript> Apply)
{
    private static readonly Topics Topics = new();

    public static IReadOnlyList<SeededFault> All { get; } =
    [
        new("A_features_record_is_lost", Harm.Lost, log => Middle(log, Topics.Features, (records, at) => records.RemoveAt(at))),
        new("A_features_record_is_doubled", Harm.Doubled, log => Middle(log, Topics.Features, (records, at) => records.Insert(at, records[at]))),
        new("The_newest_window_of_a_VM_is_lost", Harm.Lost, log => Last(log, Topics.Features, (records, at) => records.RemoveAt(at))),
        new("Two_features_of_a_VM_are_swapped", Harm.Reordered, log => SwapWithNextOfKey(log, Topics.Features)),
        new("A_mean_is_off_by_a_thousandth", Harm.Wrong, log => Change(log, Topics.Features, Wire.Features.Parser, window => window.Mean[0] += 1 / 1024f)),
        new("A_count_is_one_too_many", Harm.Wrong, log => Change(log, Topics.Features, Wire.Features.Parser, window => window.Count[2]++)),
        new("A_forecast_is_lost", Harm.Lost, log => Middle(log, Topics.Forecasts, (records, at) => records.RemoveAt(at))),
        new("A_forecast_is_doubled_later", Harm.Doubled, log => Middle(log, Topics.Forecasts, (records, at) => records.Add(records[at]))),
        new("A_forecast_was_made_from_another_state", Harm.Wrong, log => Change(log, Topics.Forecasts, Wire.Forecast.Parser, forecast => forecast.Resources[0].Quantiles[5] *= 1.0001f)),
        new("Forecast_errors_are_doubled", Harm.Doubled, log => Middle(log, Topics.ForecastErrors, (records, at) => records.Insert(at, records[at]))),
        new("A_record_is_in_the_wrong_partition", Harm.Wrong, log => Move(log, Topics.Features)),
        new("An_outlook_never_came_to_decide", Harm.Lost, log => First(log, Topics.PoolInputs, record => Wire.PoolInputs.Parser.ParseFrom(record.Value).Outlooks is not null, (records, at) => records.RemoveAt(at))),
        new("A_decision_is_lost", Harm.Lost, log => Middle(log, Topics.Decisions, (records, at) => records.RemoveAt(at))),
        new("Two_decisions_of_a_VM_are_swapped", Harm.Reordered, log => SwapWithNextOfKey(log, Topics.Decisions)),
        new("A_command_is_lost", Harm.Lost, log => Command(log, (records, at) => records.RemoveAt(at))),
        new("A_command_is_doubled", Harm.Doubled, log => Command(log, (records, at) => records.Insert(at, records[at]))),
        new("A_command_has_another_target", Harm.Wrong, log => Command(log, (records, at) => records[at] = Changed(records[at], Wire.ResizeCommand.Parser, command => command.Target.CpuCores += 0.01))),
        new("Two_commands_of_a_VM_are_swapped", Harm.Reordered, SwapCommands),
        new("A_command_is_answered_twice", Harm.Doubled, log => Answer(log, (records, at) => records.Insert(at, records[at]))),
        new("A_command_is_carried_out_again_after_a_crash", Harm.Doubled, log => Answer(log, (records, at) => records.Add(Changed(records[at], Wire.Allocation.Parser, answer => answer.Outcome = Wire.AllocationOutcome.Expired)))),
        new("A_command_is_never_answered", Harm.Lost, log => Answer(log, (records, at) => records.RemoveAll(record => Same(record, records[at])))),
        new("An_allocation_is_not_told_to_predict", Harm.Lost, log => First(log, Topics.VmInputs, record => Wire.VmInputs.Parser.ParseFrom(record.Value).Allocation is not null, (records, at) => records.RemoveAt(at))),
        new("A_sample_is_lost_on_the_way", Harm.Lost, log => First(log, Topics.VmInputs, HasSamples, (records, at) => records[at] = Changed(records[at], Wire.VmInputs.Parser, DropLastSample))),
        new("A_record_of_an_aborted_transaction_is_shown", Harm.Doubled, log => First(log, Topics.VmInputs, HasSamples, (records, at) => records.Insert(at, records[at]))),
        new("An_aborted_step_is_shown_with_all_that_it_wrote", Harm.Doubled, ShowAborted),
        new("A_late_sample_is_lost", Harm.Lost, log => Middle(log, Topics.Late, (records, at) => records.RemoveAt(at))),
        new("A_dead_letter_is_doubled", Harm.Doubled, log => Middle(log, Topics.DeadLetter, (records, at) => records.Insert(at, records[at]))),
        new("A_sample_is_counted_and_refused_as_well", Harm.Wrong, CountedAndRefused),
    ];

    private static void Middle(Transcript log, string topic, Action<List<TopicRecord>, int> change)
    {
        var records = log.Of(topic).MaxBy(partition => partition.Records.Count).Records;
        change(records, records.Count / 2);
    }

    private static void Last(Transcript log, string topic, Action<List<TopicRecord>, int> change)
    {
        var records = log.Of(topic).MaxBy(partition => partition.Records.Count).Records;
        change(records, records.Count - 1);
    }

    private static void First(Transcript log, string topic, Predicate<TopicRecord> which, Action<List<TopicRecord>, int> change)
    {
        var records = log.Of(topic).First(partition => partition.Records.Exists(which)).Records;
        change(records, records.FindIndex(which));
    }

    private static void Command(Transcript log, Action<List<TopicRecord>, int> change) => First(log, Topics.Commands, record => !record.IsTick, change);

    private static void Answer(Transcript log, Action<List<TopicRecord>, int> change) =>
        First(log, Topics.Allocations, record => Wire.Allocation.Parser.ParseFrom(record.Value) is { Revision: > 0, Outcome: Wire.AllocationOutcome.Applied }, change);

    private static bool Same(TopicRecord one, TopicRecord other)
    {
        var (left, right) = (Wire.Allocation.Parser.ParseFrom(one.Value), Wire.Allocation.Parser.ParseFrom(other.Value));
        return (left.VmId, left.Revision) == (right.VmId, right.Revision);
    }

    private static void Change<T>(Transcript log, string topic, MessageParser<T> parser, Action<T> change)
        where T : IMessage<T> => Middle(log, topic, (records, at) => records[at] = Changed(records[at], parser, change));

    private static TopicRecord Changed<T>(TopicRecord record, MessageParser<T> parser, Action<T> change)
        where T : IMessage<T>
    {
        var message = parser.ParseFrom(record.Value);
        change(message);
        return record.With(message.ToByteArray());
    }

    private static void SwapWithNextOfKey(Transcript log, string topic) => Middle(log, topic, (records, at) =>
    {
        var next = records.FindIndex(at + 1, record => record.Key == records[at].Key);
        (records[at], records[next]) = (records[next], records[at]);
    });

    private static void SwapCommands(Transcript log)
    {
        var records = log.Of(Topics.Commands).Select(partition => partition.Records).First(records => records.Where(record => !record.IsTick).GroupBy(record => record.Key).Any(vm => vm.Count() > 1));
        var key = records.Where(record => !record.IsTick).GroupBy(record => record.Key).First(vm => vm.Count() > 1).Key;
        var first = records.FindIndex(record => record.Key == key);
        var second = records.FindIndex(first + 1, record => record.Key == key);
        (records[first], records[second]) = (records[second], records[first]);
    }

    private static void Move(Transcript log, string topic)
    {
        var partitions = log.Of(topic).Select(partition => partition.Records).ToList();
        partitions[1].Insert(partitions[1].Count / 2, partitions[0][partitions[0].Count / 2]);
        partitions[0].RemoveAt(partitions[0].Count / 2);
    }

    private static bool HasSamples(TopicRecord record) => Wire.VmInputs.Parser.ParseFrom(record.Value).Samples is not null;

    private static void DropLastSample(Wire.VmInputs message)
    {
        var columns = message.Samples;
        columns.Vm.RemoveAt(columns.Vm.Count - 1);
        columns.EventTimeMs.RemoveAt(columns.EventTimeMs.Count - 1);
    }

    /// <summary>As a reader of uncommitted records sees it: a window's features and forecasts once from the step that was aborted, once from the one that counts.</summary>
    private static void ShowAborted(Transcript log)
    {
        foreach (var topic in new[] { Topics.Features, Topics.Forecasts, Topics.ForecastErrors })
        {
            var records = log[new TopicPartition(topic, 0)];
            var time = records[records.Count / 2].TimeMs;
            var at = records.FindIndex(record => record.TimeMs == time);
            records.InsertRange(at, records.Where(record => record.TimeMs == time).ToList());
        }
    }

    private static void CountedAndRefused(Transcript log)
    {
        var samples = log.Of(Topics.VmInputs).SelectMany(partition => partition.Records).First(HasSamples);
        var columns = Wire.VmInputs.Parser.ParseFrom(samples.Value).Samples;
        var telemetry = new PublishedSample(columns.VmIds[(int)columns.Vm[0]], (long)columns.EventTimeMs[0], [0, 0, 0, 0]).Encode();
        log[new TopicPartition(Topics.Late, 0)].Add(samples.With(new Wire.DeadLetter { Value = ByteString.CopyFrom(telemetry) }.ToByteArray()));
    }
}
