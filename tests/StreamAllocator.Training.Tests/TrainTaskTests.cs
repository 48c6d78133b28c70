using StreamAllocator.Domain;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Training.Tests;

public sealed class TrainTaskTests : IDisposable
{
    private const int T = 2 * Demand.Day;
    private readonly TrainFold _fold = new();

    [Fact]
    public void Every_tick_of_all_predict_partitions_becomes_a_promise_to_each_of_them()
    {
        _fold.Tick(10, partition: 0);
        Assert.Empty(_fold.ToPredict[0]);

        _fold.Tick(10, partition: 1);
        _fold.Tick(11);

        foreach (var inputs in _fold.ToPredict)
            Assert.Equal(["promise 22", "promise 23"], inputs);
    }

    [Fact]
    public void A_release_is_in_models_and_in_every_partition_before_the_promise_of_its_window()
    {
        Train("web", Demand.Ramps, T);

        var release = Assert.Single(_fold.Released);
        Assert.Equal(("smoothing.web", "web", 1L), (release.ModelId, release.JobClass, release.Version));
        Assert.Equal((ModelRole.Champion, "schedule"), (release.Role, release.Cause));
        Assert.Equal(TrainFold.Time(T + 12), release.Effective);
        Assert.True(release.ValidationLoss < 0.995 * release.ReplacedLoss);
        Assert.Equal(2 * T, release.TrainingWindows);
        Assert.Equal(["smoothing.web"], _fold.ModelKeys);
        foreach (var inputs in _fold.ToPredict)
            Assert.Equal([$"smoothing.web@1 from {T + 12}", $"promise {T + 12}"], inputs);
    }

    [Fact]
    public void Classes_are_answered_once_each_in_their_order_when_the_last_partition_has_ticked()
    {
        _fold.Features([.. Vms("web", Demand.Ramps, T + 1), .. Vms("", Demand.Noise, T + 1)], 0, T + 1);
        _fold.Request("web", T, RetrainingReason.Drift);
        _fold.Request("", T);
        _fold.Tick(T, partition: 1);
        _fold.Request("web", T);
        _fold.Request("web", T + 1);
        Assert.Empty(_fold.Released);

        _fold.Tick(T, partition: 0);

        Assert.Equal(["smoothing@1", "smoothing.web@1"], _fold.Released.Select(release => release.Name));
        Assert.Equal(["schedule", "schedule"], _fold.Released.Select(release => release.Cause));
        _fold.Tick(T + 1);
        Assert.Equal(2, _fold.Released.Count);
    }

    [Fact]
    public void Features_after_the_tick_are_not_seen_however_many_are_there()
    {
        Train("web", Demand.Ramps, T);
        using var ahead = new TrainFold();
        Commit(ahead, "web", Demand.Ramps, 0, T + 500);
        ahead.Request("web", T);
        ahead.Tick(T);

        Assert.Equal(_fold.Records, ahead.Records);
    }

    [Fact]
    public void What_beats_nothing_is_recorded_as_a_challenger_beside_the_champion()
    {
        Train("web", Demand.Ramps, T);
        Train("web", Demand.Ramps, T + Demand.Day, from: T);

        var challenger = _fold.Released[1];
        Assert.Equal((ModelRole.Challenger, 2L), (challenger.Role, challenger.Version));
        Assert.Equal(["smoothing.web", "smoothing.web/challenger"], _fold.ModelKeys);
        Assert.False(challenger.ValidationLoss < 0.995 * challenger.ReplacedLoss);
    }

    [Fact]
    public void A_rollback_releases_what_served_before_under_a_new_version_at_a_defined_window()
    {
        Train("web", Demand.Ramps, T);
        _fold.RollBack("smoothing.web");
        Assert.Single(_fold.Released);
        _fold.Tick(T + 1);

        var release = _fold.Released[1];
        Assert.Equal((ModelRole.Champion, 2L, "rollback"), (release.Role, release.Version, release.Cause));
        Assert.Equal(SmoothingParameters.Default, release.Smoothing);
        Assert.Equal(TrainFold.Time(T + 13), release.Effective);
        foreach (var inputs in _fold.ToPredict)
            Assert.Equal([$"smoothing.web@2 from {T + 13}", $"promise {T + 13}"], inputs[2..]);
    }

    [Fact]
    public void A_rollback_without_an_earlier_champion_is_a_dead_letter()
    {
        Train("web", Demand.Ramps, T);

        _fold.RollBack("smoothing.batch");
        _fold.RollBack("smoothing.web");
        _fold.Tick(T + 1);
        _fold.RollBack("smoothing.web");

        Assert.Equal(2, _fold.DeadLetters.Count);
        Assert.All(_fold.DeadLetters, bytes =>
        {
            var letter = Schemas.DeadLetter.Parser.ParseFrom(bytes);
            Assert.Equal((int)DeadLetterCause.Invalid, (int)letter.Cause);
            Assert.Contains("has no earlier champion", letter.Detail, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void What_is_no_request_and_no_tick_is_a_dead_letter_and_the_partition_goes_on()
    {
        _fold.Send([], [1, 2, 3]);
        _fold.Send(Headers.RetrainingRequest, [255]);
        _fold.Tick(10);

        var causes = _fold.DeadLetters.Select(bytes => (DeadLetterCause)Schemas.DeadLetter.Parser.ParseFrom(bytes).Cause);
        Assert.Equal([DeadLetterCause.UnknownSchema, DeadLetterCause.Malformed], causes);
        Assert.Equal(["promise 22"], _fold.ToPredict[0]);
    }

    [Fact]
    public void Requests_of_several_partitions_make_one_fit_within_half_a_day()
    {
        Train("web", Demand.Ramps, T);
        _fold.Request("web", T + 143);
        _fold.Tick(T + 143);
        Assert.Single(_fold.Released);

        Commit(_fold, "web", Demand.Ramps, T, T + 144);
        _fold.Request("web", T + 144);
        _fold.Tick(T + 144);
        Assert.Equal(2, _fold.Released.Count);
    }

    [Fact]
    public void A_task_that_was_saved_and_loaded_at_any_record_writes_the_same_records()
    {
        using var restarted = new TrainFold();
        foreach (var fold in new[] { _fold, restarted })
        {
            var restart = fold == restarted ? () => fold.Restart() : new Func<byte[]>(() => []);
            Commit(fold, "web", Demand.Ramps, 0, T + 300);
            fold.Request("web", T);
            restart();
            fold.Tick(T, partition: 0);
            restart();
            fold.Tick(T, partition: 1);
            fold.RollBack("smoothing.web");
            restart();
            fold.Tick(T + 1);
            restart();
            fold.Request("web", T + 300, RetrainingReason.Degradation);
            fold.Tick(T + 300);
        }

        Assert.Equal(3, _fold.Released.Count);
        Assert.Equal([1L, 2L, 3L], _fold.Released.Select(release => release.Version));
        Assert.Equal(_fold.Records, restarted.Records);
        Assert.Equal(_fold.Save(), restarted.Save());
    }

    [Fact]
    public void A_task_that_is_rebuilt_when_its_features_and_first_requests_are_gone_stands_where_it_stood()
    {
        Train("web", Demand.Ramps, T);
        Train("batch", Demand.Noise, T + 1);
        _fold.RollBack("smoothing.web");
        _fold.Tick(T + 2);
        Commit(_fold, "web", Demand.Ramps, T, T + 300);
        var lastRequest = 3 + 3 + 3;
        _fold.Request("web", T + 300, RetrainingReason.Degradation);
        _fold.Tick(T + 300);
        Assert.Equal(
            ["smoothing.web@1", "smoothing.batch@1", "smoothing.web@2", "smoothing.web@3"], _fold.Released.Select(release => release.Name));

        for (var first = 0; first <= lastRequest; first++)
            Assert.Equal(BehindTicks(_fold.Save()), BehindTicks(_fold.RebuiltWithoutFeatures(first)));

        // The ticks' own state names the first of all, which is among what has gone.
        static byte[] BehindTicks(byte[] state) => state[(8 + (int)BitConverter.ToInt64(state))..];
    }

    [Fact]
    public void A_champion_names_what_served_before_it()
    {
        Train("web", Demand.Ramps, T);
        _fold.RollBack("smoothing.web");
        _fold.Tick(T + 1);

        Assert.Equal([SmoothingParameters.Default], _fold.Released[0].Earlier);
        Assert.Empty(_fold.Released[1].Earlier);
    }

    [Fact]
    public void A_rollback_is_not_undone_by_a_refit_within_half_a_day()
    {
        Train("web", Demand.Ramps, T);
        _fold.RollBack("smoothing.web");
        _fold.Tick(T + 143);
        Commit(_fold, "web", Demand.Ramps, T, T + 287);
        _fold.Request("web", T + 200);
        _fold.Tick(T + 200);
        Assert.Equal(2, _fold.Released.Count);

        _fold.Request("web", T + 287);
        _fold.Tick(T + 287);
        Assert.Equal(3, _fold.Released.Count);
    }

    public void Dispose() => _fold.Dispose();

    private void Train(string jobClass, Func<ulong, int, float[]> series, int tick, int from = 0)
    {
        Commit(_fold, jobClass, series, from, tick);
        _fold.Request(jobClass, tick);
        _fold.Tick(tick);
    }

    private static void Commit(TrainFold fold, string jobClass, Func<ulong, int, float[]> series, int from, int to) =>
        fold.Features(Vms(jobClass, series, to), from, to);

    private static (string Id, string JobClass, float[] Values)[] Vms(string jobClass, Func<ulong, int, float[]> series, int windows) =>
        [($"{jobClass}-0", jobClass, series(1, windows)), ($"{jobClass}-1", jobClass, series(2, windows))];
}
