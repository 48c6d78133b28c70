using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Forecasting.Tests;

public class ForecastEngineTests
{
    private const int Day = 288;

    [Fact]
    public void State_of_a_vm_is_at_most_13600_bytes_and_its_parts_sum_to_it()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        Assert.Equal(engine.BytesPerVm, engine.StateParts.Sum(part => part.Bytes));
        Assert.True(engine.BytesPerVm <= 13_600, string.Join('\n', engine.StateParts));
        Assert.Equal(ArrayBytes(engine), engine.BytesPerVm);
    }

    [Fact]
    public void Observing_and_forecasting_allocates_nothing()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors, series) = (engine.NewForecast(), new ForecastErrors(), new SyntheticSeries(1));
        var row = engine.Add();
        Run(engine, row, series, 0, 2 * Day, forecast, errors);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(engine, row, series, 2 * Day, 3 * Day, forecast, errors);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_served_quantile_is_finite_ascending_not_negative_and_within_capacity()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (engine.NewForecast(), new ForecastErrors());
        var row = engine.Add();
        engine.SetCapacity(row, Resource.Cpu, 2.5f);
        var random = SeededRandom.For(7, "hostile");
        for (var window = 0L; window < 3 * Day; window++)
        {
            float[] hostile = [0, 1e-7f, 1, 2.4f, 1e12f, float.NaN, float.PositiveInfinity, -3];
            var value = window < Day ? (float)random.NextDouble() : hostile[random.NextInt32(hostile.Length)];
            var other = hostile[random.NextInt32(hostile.Length)];
            engine.Observe(row, window, new WindowObservation(new(Math.Min(value, 2.4f), value), new(other, value), new(value, float.NaN), new(0, 0)), errors);
            engine.Forecast(row, forecast);
            foreach (var resource in Resources.All)
            {
                var ceiling = resource == Resource.Cpu ? 2.5f : float.MaxValue;
                for (var lead = 1; lead <= Horizon.Leads; lead++)
                    AssertServable(forecast.Quantiles(resource, lead), ceiling);
                AssertServable(forecast.DwellMaximum(resource, DwellHorizons.Near), ceiling);
                AssertServable(forecast.DwellMaximum(resource, DwellHorizons.Hour), ceiling);
                foreach (var deviation in forecast.StandardDeviation(resource))
                    Assert.True(float.IsFinite(deviation) && deviation >= 0);
            }
        }
    }

    [Fact]
    public void What_is_judged_is_what_was_served()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors, series) = (engine.NewForecast(), new ForecastErrors(), new SyntheticSeries(3));
        var row = engine.Add();
        engine.SetCapacity(row, Resource.Network, 3000);
        var served = new Dictionary<(long Target, int Lead), (float Lower, float Median, float Upper)>();
        for (var window = 0L; window < 2 * Day; window++)
        {
            var observation = series.Next(window);
            engine.Observe(row, window, observation, errors);
            for (var lead = 1; lead <= Horizon.Leads; lead++)
            {
                ref readonly var error = ref errors[Resource.Network, lead];
                Assert.True(served.ContainsKey((window, lead)) == error.IsKnown, $"window {window} lead {lead}");
                if (!error.IsKnown)
                    continue;
                Assert.Equal(observation.Network.Mean, error.Actual);
                Assert.Equal(served[(window, lead)], (error.Lower, error.Median, error.Upper));
            }

            if (window % 5 == 4)
                continue;
            engine.Forecast(row, forecast);
            for (var lead = 1; lead <= Horizon.Leads; lead++)
            {
                var quantiles = forecast.Quantiles(Resource.Network, lead);
                served[(window + lead, lead)] = (quantiles[0], quantiles[4], quantiles[8]);
            }
        }
    }

    [Fact]
    public void A_saved_engine_goes_on_alike_and_saves_the_same_bytes()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors, series) = (engine.NewForecast(), new ForecastErrors(), new SyntheticSeries(5));
        for (var vm = 0; vm < 20; vm++)
            Run(engine, engine.Add(), new SyntheticSeries((ulong)vm), 0, 50 + vm, forecast, errors);
        Run(engine, 0, series, 50, Day + 50, forecast, errors);
        engine.Forecast(0, forecast);
        var saved = Save(engine);
        var loaded = ForecastEngine.Load(new ForecastOptions(), saved);
        Assert.Equal(saved, Save(loaded));

        var (here, there) = (new SyntheticSeries(9), new SyntheticSeries(9));
        Run(engine, 0, here, Day + 50, Day + 150, forecast, errors);
        Run(loaded, 0, there, Day + 50, Day + 150, forecast, errors);
        Assert.Equal(Save(engine), Save(loaded));
    }

    [Fact]
    public void Bytes_of_another_layout_are_refused()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        engine.Add();
        var saved = Save(engine);
        Assert.Throws<InvalidDataException>(() => ForecastEngine.Load(new ForecastOptions(), saved.AsSpan(0, saved.Length - 1)));
        Assert.Throws<InvalidDataException>(() => ForecastEngine.Load(new ForecastOptions { WindowsPerDay = 1440 }, saved));
    }

    [Fact]
    public void A_vm_gets_the_same_bits_among_others()
    {
        var alone = new ForecastEngine(new ForecastOptions());
        var among = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (alone.NewForecast(), new ForecastErrors());
        for (var vm = 0; vm < 17; vm++)
            Run(among, among.Add(), new SyntheticSeries((ulong)vm), 0, 30, forecast, errors);
        Run(among, among.Add(), new SyntheticSeries(99), 0, 2 * Day, forecast, errors);
        Run(alone, alone.Add(), new SyntheticSeries(99), 0, 2 * Day, forecast, errors);
        Assert.Equal(Save(alone).AsSpan(12), Save(among).AsSpan(12 + (17 * among.BytesPerVm)));
    }

    [Fact]
    public void A_window_that_is_not_newer_changes_nothing()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (engine.NewForecast(), new ForecastErrors());
        Run(engine, engine.Add(), new SyntheticSeries(1), 0, 40, forecast, errors);
        var before = Save(engine);
        Assert.False(engine.Observe(0, 39, new SyntheticSeries(2).Next(39), errors));
        Assert.Equal(before, Save(engine));
    }

    [Fact]
    public void Missing_windows_widen_the_forecast_and_count_as_age()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (engine.NewForecast(), new ForecastErrors());
        Run(engine, engine.Add(), new SyntheticSeries(1), 0, 2 * Day, forecast, errors);
        engine.Forecast(0, forecast);
        var quantiles = forecast.Quantiles(Resource.Memory, 3);
        var fresh = quantiles[8] - quantiles[0];
        Assert.Equal(0, forecast.DataAgeWindows(Resource.Memory));
        engine.Observe(0, (2 * Day) + 8, WindowObservation.Missing, errors);
        engine.Forecast(0, forecast);
        Assert.Equal(9, forecast.DataAgeWindows(Resource.Memory));
        Assert.InRange((quantiles[8] - quantiles[0]) / fresh, 1.5f, 4.5f);
    }

    [Fact]
    public void A_vm_never_seen_has_no_forecast()
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (engine.NewForecast(), new ForecastErrors());
        engine.Add();
        engine.Observe(0, 5, WindowObservation.Missing, errors);
        engine.Forecast(0, forecast);
        Assert.All(Resources.All, resource => Assert.False(forecast.IsKnown(resource)));
    }

    [Fact]
    public void All_problems_of_the_options_are_named_at_once()
    {
        var options = new ForecastOptions { WindowsPerDay = 1, Resolution = float.NaN, Parameters = new(0, 0, 1, 0, 0) };
        Assert.Equal(5, options.Validate().Count);
        Assert.Throws<ArgumentException>(() => new ForecastEngine(options));
    }

    private static void AssertServable(ReadOnlySpan<float> quantiles, float ceiling)
    {
        var floor = 0f;
        foreach (var quantile in quantiles)
        {
            Assert.True(float.IsFinite(quantile) && quantile >= floor && quantile <= ceiling, $"{quantile}: expected in [{floor}, {ceiling}]");
            floor = quantile;
        }
    }

    private static void Run(
        ForecastEngine engine, int row, SyntheticSeries series, long from, long to, VmForecast forecast, ForecastErrors errors)
    {
        for (var window = from; window < to; window++)
        {
            engine.Observe(row, window, series.Next(window), errors);
            engine.Forecast(row, forecast);
        }
    }

    private static byte[] Save(ForecastEngine engine)
    {
        var to = new ArrayBufferWriter<byte>();
        engine.Save(to);
        return to.WrittenSpan.ToArray();
    }

    /// <summary>What a row costs, measured on the saved state, which is the memory as it stands.</summary>
    private static int ArrayBytes(ForecastEngine engine)
    {
        var empty = Save(engine).Length;
        engine.Add();
        return Save(engine).Length - empty;
    }
}
