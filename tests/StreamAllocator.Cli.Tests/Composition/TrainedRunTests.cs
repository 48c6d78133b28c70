using StreamAllocator.Cli.Composition;
using StreamAllocator.Domain;
using StreamAllocator.Embedded;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Predict;
using StreamAllocator.Pipeline.Shards;

namespace StreamAllocator.Cli.Tests.Composition;

/// <summary>The feedback loop in a driven run: errors, request, fit, release, take-up.</summary>
public sealed class TrainedRunTests
{
    private const int Vms = 4;
    private const int Windows = 340;

    private static readonly EventTime Start = EventTime.FromUnixSeconds(1_700_006_400);
    private readonly Topics _topics = new(Topics.ForRun("trained"));

    [Fact]
    public void A_run_with_a_trainer_has_one_digest_whatever_the_log_the_shards_and_the_batches()
    {
        var folder = Directory.CreateTempSubdirectory("streamallocator-trained-");
        try
        {
            using var first = EmbeddedLog.Open(Path.Combine(folder.FullName, "first.db"), new EmbeddedLogOptions());
            using var second = EmbeddedLog.Open(Path.Combine(folder.FullName, "second.db"), new EmbeddedLogOptions());
            using var memory = new InMemoryLog();

            var expected = Run(first, shards: 1, batch: 1000);

            Assert.Equal(expected, Run(second, shards: 1, batch: 1000));
            Assert.Equal(expected, Run(memory, shards: 2, batch: 17));
            Assert.DoesNotContain(expected, topic => topic is ("models" or "retraining" or "commands", 0, _));
            EachForecastIsServedByTheNewestEffectiveChampion(memory);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_trainer_as_a_graph_among_graphs_writes_what_the_plain_loop_writes()
    {
        using var plain = new InMemoryLog();
        using var graphs = new InMemoryLog();

        var expected = Run(plain, shards: 1, batch: 1000);
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await Prepare(graphs, shards: 2, batch: 17, train: true).RunAsGraphs(late.Token);

        Assert.Equal(expected, Digests(graphs));
        Assert.DoesNotContain(expected, topic => topic is ("models" or "retraining", 0, _));
    }

    [Fact]
    public void Forecasts_differ_from_those_without_a_trainer_from_the_champions_window_on_and_not_before()
    {
        using var trained = new InMemoryLog();
        using var untrained = new InMemoryLog();
        Run(trained, shards: 1, batch: 1000);
        Prepare(untrained, shards: 1, batch: 1000, train: false).Run(CancellationToken.None);

        var effective = Champions(trained)[0].EffectiveMs;
        var without = Forecasts(untrained).ToDictionary(forecast => (forecast.VmId, forecast.OriginMs), forecast => forecast.Resources);
        var changed = new HashSet<string>();
        foreach (var forecast in Forecasts(trained))
        {
            if (forecast.Resources.Equals(without[(forecast.VmId, forecast.OriginMs)]))
                continue;
            Assert.True(forecast.OriginMs >= effective, $"{forecast.VmId} at {forecast.OriginMs}: effective from {effective}");
            changed.Add(forecast.VmId);
        }

        Assert.Equal(Vms, changed.Count);
    }

    private List<(string Topic, long Records, string Digest)> Run(IEventLog log, int shards, int batch)
    {
        Prepare(log, shards, batch, train: true).Run(CancellationToken.None);
        return Digests(log);
    }

    private DrivenRun Prepare(IEventLog log, int shards, int batch, bool train)
    {
        var driven = AllocatorOptions.Driven("trained");
        var options = driven with
        {
            Train = train,
            Training = driven.Training with { Span = TimeSpan.FromDays(1) },
            Predict = driven.Predict with { Retraining = new RetrainingOptions { FirstAfter = TimeSpan.FromDays(1) } },
        };
        Assert.Empty(options.Validate());
        log.CreateTopics(_topics.All(options.VmPartitions, options.PoolPartitions, keepAll: true));
        var fleet = Fleet.Of(Enumerable.Range(0, Vms).Select(vm => (WavingFeed.IdOf(vm), new VmSize(4, 16))), pools: 2, Start);
        var world = new RecordedWorld(_topics, options, fleet, () => new WavingFeed(Vms, Windows, Start));
        return new DrivenRun(
            log, _topics, options, fleet, world.Create, seed: 1, shards, new ShardOptions { BatchSize = batch }, null);
    }

    private List<(string Topic, long Records, string Digest)> Digests(IEventLog log)
    {
        using var digest = new RunDigest(_topics);
        digest.AddAll(log, CancellationToken.None);
        return [.. digest.Results()];
    }

    private void EachForecastIsServedByTheNewestEffectiveChampion(InMemoryLog log)
    {
        var champions = Champions(log);
        Assert.NotEmpty(champions);
        var served = new HashSet<string>();
        foreach (var forecast in Forecasts(log))
        {
            var champion = champions.LastOrDefault(release => release.EffectiveMs <= forecast.OriginMs);
            Assert.Equal(champion is null ? "default" : $"{champion.ModelId}@{champion.Version}", forecast.ModelVersion);
            served.Add(forecast.ModelVersion);
        }

        Assert.Equal(champions.Count + 1, served.Count);
    }

    private List<StreamAllocator.Schemas.ModelRelease> Champions(InMemoryLog log) =>
    [
        .. Read(log, _topics.Models, 1)
            .Where(record => record.Key == "smoothing")
            .Select(record => StreamAllocator.Schemas.ModelRelease.Parser.ParseFrom(record.Value)),
    ];

    private IEnumerable<StreamAllocator.Schemas.Forecast> Forecasts(InMemoryLog log) =>
        Read(log, _topics.Forecasts, 2).Select(record => StreamAllocator.Schemas.Forecast.Parser.ParseFrom(record.Value));

    private static List<(string Key, byte[] Value)> Read(InMemoryLog log, string topic, int partitions)
    {
        var records = new List<(string, byte[])>();
        using var batch = new RecordBatch();
        for (var partition = 0; partition < partitions; partition++)
        {
            var source = new TopicPartition(topic, partition);
            using var reader = log.Read([source]);
            var end = log.EndOffset(source);
            for (var next = log.BeginOffset(source); next < end && reader.Poll(batch, 1000, TimeSpan.Zero) == PollOutcome.Records;)
            {
                for (var index = 0; index < batch.Count; index++)
                    records.Add((System.Text.Encoding.UTF8.GetString(batch[index].Key), batch[index].Value.ToArray()));
                next = batch[batch.Count - 1].Offset + 1;
            }
        }

        return records;
    }
}
