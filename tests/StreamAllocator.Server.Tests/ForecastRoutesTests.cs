using System.Net;
using System.Text.Json;

namespace StreamAllocator.Server.Tests;

public sealed class ForecastRoutesTests
{
    [Fact]
    public async Task A_forecast_is_a_row_a_lead_time_up_to_the_horizon()
    {
        await using var served = await ServedLog.WithOneVm();

        var forecast = await served.Get("/v1/vms/web-1/forecast?horizon=15m");

        Assert.Equal("2026-11-24T12:00:00Z", forecast.GetProperty("origin").GetString());
        Assert.Equal("smoothing@3", forecast.GetProperty("model_version").GetString());
        Assert.Equal(300, forecast.GetProperty("data_age_seconds").GetDouble());
        var rows = forecast.GetProperty("rows");
        Assert.Equal(3, rows.GetArrayLength());
        var last = rows[2];
        Assert.Equal("2026-11-24T12:15:00Z", last.GetProperty("timestamp").GetString());
        Assert.Equal(3, last.GetProperty("cpu_demand_mean").GetDouble());
        Assert.Equal(0.3, last.GetProperty("cpu_demand_stddev").GetDouble(), 1e-6);
        Assert.Equal(30, last.GetProperty("memory_demand_mean").GetDouble());
        Assert.Equal(3, last.GetProperty("disk_demand_mean").GetDouble());
        Assert.Equal(JsonValueKind.Null, last.GetProperty("network_demand_mean").ValueKind);
        Assert.Equal(JsonValueKind.Null, last.GetProperty("network_demand_quantiles").ValueKind);
        Assert.Equal(
            forecast.GetProperty("quantile_levels").EnumerateArray().Select(level => 3 + level.GetDouble()),
            last.GetProperty("cpu_demand_quantiles").EnumerateArray().Select(quantile => quantile.GetDouble()),
            (expected, found) => Math.Abs(expected - found) < 1e-5);
        Assert.Equal(20.1, forecast.GetProperty("dwell_maximum").GetProperty("cpu").GetProperty("hour")[0].GetDouble(), 1e-5);
        Assert.Equal(101, forecast.GetProperty("dwell_maximum").GetProperty("memory").GetProperty("quarter_hour")[0].GetDouble(), 1e-4);
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("?horizon=5m", 1)]
    [InlineData("?horizon=7m", 2)]
    [InlineData("?horizon=PT1H", 12)]
    public async Task The_horizon_is_half_an_hour_unless_it_is_named(string query, int rows)
    {
        await using var served = await ServedLog.WithOneVm();

        Assert.Equal(rows, (await served.Get($"/v1/vms/web-1/forecast{query}")).GetProperty("rows").GetArrayLength());
    }

    [Theory]
    [InlineData("4m")]
    [InlineData("61m")]
    [InlineData("2h")]
    [InlineData("soon")]
    [InlineData("-30m")]
    [InlineData("")]
    public async Task A_horizon_outside_5_to_60_minutes_is_refused(string horizon)
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, problem) = await served.Send(HttpMethod.Get, $"/v1/vms/web-1/forecast?horizon={horizon}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var wrong = Assert.Single(problem.GetProperty("errors").EnumerateArray());
        Assert.Equal("horizon", wrong.GetProperty("field").GetString());
        Assert.Equal($"'{horizon}'", wrong.GetProperty("found").GetString());
        Assert.EndsWith("from 5m to 60m", wrong.GetProperty("expected").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vm_without_a_forecast_says_so()
    {
        await using var served = new ServedLog();
        served.Vm("new-1");
        await served.Start();

        var (response, problem) = await served.Send(HttpMethod.Get, "/v1/vms/new-1/forecast");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("No forecast yet", problem.GetProperty("title").GetString());
    }
}
