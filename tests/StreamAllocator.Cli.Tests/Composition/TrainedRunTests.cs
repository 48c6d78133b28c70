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

    private List<(string Topic, long Records, string Digest)> Run(IEventLog log, int shards, int batch)
    {
        var driven = AllocatorOptions.Driven("trained");
        var options = driven with
        {
            Train = true,
            Training = driven.Training with { Span = TimeSpan.FromDays(1) },
            Predict = driven.Predict with { Retraining = new RetrainingOptions { FirstAfter = TimeSpan.FromDays(1) } },
        };
        Assert.Empty(options.Validate());
        log.CreateTopics(_topics.All(options.VmPartitions, options.PoolPartitions, keepAll: true));
        var fleet = Fleet.Of(Enumerable.Range(0, Vms).Select(vm => (WavingFeed.IdOf(vm), new VmSize(4, 16))), pools: 2, Start);
        var world = new RecordedWorld(_topics, options, fleet, () => new WavingFeed(Vms, Windows, Start));
        var run = new DrivenRun(
            log, _topics, options, fleet, world.Create, seed: 1, shards, new ShardOptions { BatchSize = batch }, null);
        run.Run(CancellationToken.None);

        using var digest = new RunDigest(_topics);
        digest.AddAll(log, CancellationToken.None);
        return [.. digest.Results()];
    }

    private void EachForecastIsServedByTheNewestEffectiveChampion(InMemoryLog log)
    {
        var champions = Read(log, _topics.Models, 1)
            .Where(record => record.Key == "smoothing")
            .Select(record => StreamAllocator.Schemas.ModelRelease.Parser.ParseFrom(record.Value))
            .ToList();
        Assert.NotEmpty(champions);
        var served = new HashSet<string>();
        foreach (var (_, value) in Read(log, _topics.Forecasts, 2))
        {
            var forecast = StreamAllocator.Schemas.Forecast.Parser.ParseFrom(value);
            var champion = champions.LastOrDefault(release => release.EffectiveMs <= forecast.OriginMs);
            Assert.Equal(champion is null ? "default" : $"{champion.ModelId}@{champion.Version}", forecast.ModelVersion);
            served.Add(forecast.ModelVersion);
        }

        Assert.Equal(champions.Count + 1, served.Count);
    }

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
