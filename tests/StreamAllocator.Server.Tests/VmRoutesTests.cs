using System.Net;
using StreamAllocator.Domain;

namespace StreamAllocator.Server.Tests;

public sealed class VmRoutesTests
{
    [Fact]
    public async Task A_vm_shows_its_inventory_its_usage_and_the_size_read_back()
    {
        await using var served = await ServedLog.WithOneVm();
        Assert.Equal(4, (await served.Get("/v1/vms/web-1")).GetProperty("allocated").GetProperty("cpu_cores").GetDouble());

        served.Allocate("web-1", 7, minute: 1, cores: 5);
        var vm = await served.GetUntil("/v1/vms/web-1", vm => vm.GetProperty("revision").GetInt64() == 7);

        Assert.Equal("high", vm.GetProperty("priority").GetString());
        Assert.Equal(5, vm.GetProperty("allocated").GetProperty("cpu_cores").GetDouble());
        Assert.Equal("applied", vm.GetProperty("outcome").GetString());
        Assert.Equal("2026-11-24T12:01:00Z", vm.GetProperty("allocated_at").GetString());
        var usage = vm.GetProperty("usage");
        Assert.Equal(1.5, usage.GetProperty("cpu_cores").GetDouble());
        Assert.Equal(2, usage.GetProperty("cpu_cores_max").GetDouble());
        Assert.True(usage.GetProperty("cpu_censored").GetBoolean());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, usage.GetProperty("network_bytes_per_second").ValueKind);
    }

    [Fact]
    public async Task An_unknown_vm_is_a_problem_that_names_it()
    {
        await using var served = await ServedLog.WithOneVm();

        foreach (var path in new[] { "/v1/vms/nobody", "/v1/vms/nobody/forecast", "/v1/vms/nobody/decisions" })
        {
            var (response, problem) = await served.Send(HttpMethod.Get, path);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("found vm 'nobody', expected one that GET /v1/vms lists", problem.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task A_vm_that_left_the_inventory_is_unknown()
    {
        await using var served = await ServedLog.WithOneVm();
        served.RemoveVm("web-1");

        await served.GetUntil("/v1/vms", list => list.GetProperty("vms").GetArrayLength() == 0);
        var (response, _) = await served.Send(HttpMethod.Get, "/v1/vms/web-1");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_slash_and_a_blank_within_an_id_are_escaped_in_the_path()
    {
        await using var served = new ServedLog();
        served.Vm("rack 1/web");
        await served.Start();

        Assert.Equal("rack 1/web", (await served.Get("/v1/vms/rack%201%2Fweb")).GetProperty("vm_id").GetString());
    }

    [Fact]
    public async Task The_list_comes_in_parts_and_by_pool()
    {
        await using var served = new ServedLog();
        foreach (var id in new[] { "c", "a", "b" })
            served.Vm(id, pool: id == "b" ? "west" : "east");
        await served.Start();

        var first = await served.Get("/v1/vms?limit=2");
        var rest = await served.Get($"/v1/vms?limit=2&after={first.GetProperty("next").GetString()}");
        var west = await served.Get("/v1/vms?pool=west");

        Assert.Equal(["a", "b"], Ids(first));
        Assert.Equal(["c"], Ids(rest));
        Assert.Equal(["b"], Ids(west));
        var (response, _) = await served.Send(HttpMethod.Get, "/v1/vms?limit=0");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);

        static IEnumerable<string?> Ids(System.Text.Json.JsonElement list) =>
            list.GetProperty("vms").EnumerateArray().Select(vm => vm.GetProperty("vm_id").GetString());
    }

    [Fact]
    public async Task Decisions_come_newest_first_with_their_chain_in_words()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Decide("web-1", 5);
        served.Decide("web-1", 10, decision => (decision.Kind, decision.Reason, decision.Target) =
            (DecisionKind.Up, DecisionReason.ForecastAboveThreshold, new VmSize(6, 16)));

        var list = await served.GetUntil("/v1/vms/web-1/decisions", list => list.GetProperty("decisions").GetArrayLength() == 2);

        var newest = list.GetProperty("decisions")[0];
        Assert.Equal("up", newest.GetProperty("kind").GetString());
        Assert.Equal("forecast_above_threshold", newest.GetProperty("reason").GetString());
        Assert.Equal(6, newest.GetProperty("target").GetProperty("cpu_cores").GetDouble());
        Assert.Contains("up, the forecast exceeds the threshold", newest.GetProperty("explanation")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("final", newest.GetProperty("steps")[1].GetProperty("kind").GetString());
        Assert.Equal("hold", list.GetProperty("decisions")[1].GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Decisions_older_than_those_in_memory_are_read_from_the_log()
    {
        await using var served = await ServedLog.WithOneVm(new ServerOptions { DrivenTime = true, DecisionsPerVm = 2 });
        for (var minute = 0; minute < 50; minute += 5)
            served.Decide("web-1", minute);
        await served.GetUntil(
            "/v1/vms/web-1", vm => vm.GetProperty("latest_decision") is { ValueKind: System.Text.Json.JsonValueKind.Object } newest
                && newest.GetProperty("event_time").GetString() == "2026-11-24T12:45:00Z");

        Assert.Equal(["12:45", "12:40"], await Times("decisions"));
        Assert.Equal(["12:20", "12:15", "12:10"], await Times("decisions?from=2026-11-24T12:10:00Z&to=2026-11-24T12:20:00Z&limit=10"));
        Assert.Equal(["12:20"], await Times("decisions?at=2026-11-24T12:23:00Z"));

        async Task<IEnumerable<string>> Times(string path) => (await served.Get($"/v1/vms/web-1/{path}")).GetProperty("decisions")
            .EnumerateArray().Select(decision => decision.GetProperty("event_time").GetString()![11..16]);
    }

    [Fact]
    public async Task Every_wrong_parameter_is_named_at_once()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, problem) = await served.Send(HttpMethod.Get, "/v1/vms/web-1/decisions?at=yesterday&to=tomorrow&limit=-1");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            ["limit", "at", "to"], problem.GetProperty("errors").EnumerateArray().Select(wrong => wrong.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task A_pool_shows_what_is_allocated_reserved_and_free()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Vm("db-1", priority: Priority.Critical);
        served.Decide("web-1", 5, decision => (decision.Kind, decision.Revision, decision.Target) = (DecisionKind.Up, 1, new VmSize(6, 16)));

        var pools = await served.GetUntil(
            "/v1/pools", pools => pools.GetProperty("pools")[0].GetProperty("allocated").GetProperty("cpu_cores").GetDouble() == 10);

        var pool = pools.GetProperty("pools")[0];
        Assert.Equal("east", pool.GetProperty("pool_id").GetString());
        Assert.Equal(2, pool.GetProperty("vms").GetInt32());
        Assert.Equal(16, pool.GetProperty("capacity").GetProperty("cpu_cores").GetDouble());
        Assert.Equal(1.6, pool.GetProperty("reserved").GetProperty("cpu_cores").GetDouble(), 1e-9);
        Assert.Equal(6, pool.GetProperty("free").GetProperty("cpu_cores").GetDouble());
        Assert.Equal(32, pool.GetProperty("free").GetProperty("memory_gib").GetDouble());
    }

    [Fact]
    public async Task The_newest_release_of_a_model_is_listed()
    {
        await using var served = await ServedLog.WithOneVm();
        foreach (var version in new[] { 2L, 3L })
            served.Model("smoothing", version);

        var models = await served.GetUntil(
            "/v1/models", list => list.GetProperty("models") is var models && models.GetArrayLength() == 1
                && models[0].GetProperty("version").GetInt64() == 3);

        Assert.Equal("smoothing@3", models.GetProperty("models")[0].GetProperty("name").GetString());
        Assert.Equal("champion", models.GetProperty("models")[0].GetProperty("role").GetString());
    }
}
