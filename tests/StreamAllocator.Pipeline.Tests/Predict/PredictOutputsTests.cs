using Google.Protobuf;
using StreamAllocator.Domain;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Predict;

/// <summary>What a predict task puts out, read by the generated classes.</summary>
public sealed class PredictOutputsTests : IDisposable
{
    private const int Vms = 3;
    private readonly PredictFold _fold = new PredictFold(Vms, samplesPerWindow: 2).Fold(40);

    [Fact]
    public void Every_record_has_the_bytes_of_the_generated_class()
    {
        var parsers = new Dictionary<string, MessageParser>
        {
            [PredictFold.Topics.Features] = Generated.Features.Parser,
            [PredictFold.Topics.Forecasts] = Generated.Forecast.Parser,
            [PredictFold.Topics.ForecastErrors] = Generated.ForecastErrors.Parser,
            [PredictFold.Topics.PoolInputs] = Generated.PoolInputs.Parser,
        };
        for (var index = 0; index < _fold.Outputs.Count; index++)
        {
            var bytes = _fold.Outputs[index].Value.ToArray();
            Assert.Equal(parsers[_fold.Outputs.Target(index).Topic].ParseFrom(bytes).ToByteArray(), bytes);
        }
    }

    [Fact]
    public void Features_hold_the_window_of_each_VM()
    {
        var features = Read(PredictFold.Topics.Features, Generated.Features.Parser);

        Assert.Equal(["vm-0000", "vm-0001", "vm-0002"], features.Select(window => window.VmId));
        Assert.All(features, window =>
        {
            Assert.Equal(_fold.Time.UnixMilliseconds, window.EndMs);
            Assert.Equal(window.EndMs - 300_000, window.StartMs);
            Assert.Equal([2u, 2u, 2u, 2u], window.Count);
            Assert.Equal(window.Mean[0] * 1.2f, window.Max[0], 0.5f);
            Assert.Equal([4f, 16f], window.Allocated);
            Assert.Equal((200u, 1u, "batch"), (window.LocalMinuteOfDay, window.LocalDayOfWeek, window.JobClass));
        });
    }

    [Fact]
    public void Outlooks_of_very_many_VMs_come_in_records_that_a_log_takes()
    {
        const int many = 16_384 + 10;
        using var fold = new PredictFold(many).Fold(1);
        var outlooks = new List<Generated.OutlookColumns>();
        for (var index = 0; index < fold.Outputs.Count; index++)
        {
            if (fold.Outputs.Target(index).Topic == PredictFold.Topics.PoolInputs
                && Generated.PoolInputs.Parser.ParseFrom(fold.Outputs[index].Value.ToArray()).Outlooks is { } columns)
                outlooks.Add(columns);
        }

        Assert.Equal([16_384, 10], outlooks.Select(columns => columns.VmIds.Count));
        Assert.Equal(many, outlooks.SelectMany(columns => columns.VmIds).Distinct().Count());
    }

    [Fact]
    public void Forecasts_have_every_lead_quantile_and_weight()
    {
        var forecasts = Read(PredictFold.Topics.Forecasts, Generated.Forecast.Parser);

        Assert.Equal(Vms, forecasts.Count);
        Assert.All(forecasts, forecast =>
        {
            Assert.Equal((_fold.Time.UnixMilliseconds, 300_000u, 0u, false), (forecast.OriginMs, forecast.WindowMs, forecast.DataAgeWindows, forecast.Warming));
            Assert.Equal(QuantileLevels.All.ToArray().Select(level => (float)level), forecast.Levels);
            Assert.Equal(Resources.Count, forecast.Resources.Count);
            Assert.All(forecast.Resources, resource =>
            {
                Assert.Equal(Horizon.Leads * QuantileLevels.Count, resource.Quantiles.Count);
                Assert.Equal((Horizon.Leads, Horizon.Leads), (resource.Mean.Count, resource.Stddev.Count));
                Assert.Equal((QuantileLevels.Count, QuantileLevels.Count), (resource.DwellMax1H.Count, resource.DwellMax15M.Count));
                Assert.Equal(1, resource.Weights.Sum(), 0.01f);
                Assert.NotEmpty(resource.BestExpert);
            });
        });
    }

    [Fact]
    public void Errors_have_the_actual_that_the_features_have()
    {
        var features = Read(PredictFold.Topics.Features, Generated.Features.Parser);
        var errors = Read(PredictFold.Topics.ForecastErrors, Generated.ForecastErrors.Parser);

        Assert.Equal(features.Select(window => (window.VmId, window.EndMs)), errors.Select(error => (error.VmId, error.TargetMs)));
        Assert.Equal(features.Select(window => window.Mean[0]), errors.Select(error => error.Resources[0].Actual));
        Assert.All(errors.SelectMany(error => error.Resources), resource =>
        {
            Assert.Equal(Horizon.Leads, resource.PinballLoss.Count);
            Assert.All(resource.Q10.Zip(resource.Q90), pair => Assert.True(pair.First <= pair.Second));
        });
    }

    [Fact]
    public void Outlooks_of_a_window_come_before_the_tick_that_ends_it()
    {
        var inputs = Read(PredictFold.Topics.PoolInputs, Generated.PoolInputs.Parser);

        Assert.Equal(2, inputs.Count);
        Assert.Equal(["vm-0000", "vm-0001", "vm-0002"], inputs[0].Outlooks.VmIds);
        Assert.Equal(_fold.Time.UnixMilliseconds, inputs[0].Outlooks.OriginMs);
        Assert.Equal(_fold.Time.UnixMilliseconds, inputs[1].Tick.EventTimeMs);
    }

    public void Dispose() => _fold.Dispose();

    private List<T> Read<T>(string topic, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var messages = new List<T>();
        for (var index = 0; index < _fold.Outputs.Count; index++)
        {
            if (_fold.Outputs.Target(index).Topic == topic)
                messages.Add(parser.ParseFrom(_fold.Outputs[index].Value));
        }

        return messages;
    }
}
