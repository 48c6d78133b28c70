using System.Net;
using System.Text.Json;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Server.Tests;

public sealed class RequestRoutesTests
{
    private const string Adjustment = """{"cpu_cores":6,"memory_gb":16,"hold_for":"30m"}""";

    [Fact]
    public async Task An_adjustment_is_written_and_its_location_given()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, body) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", Adjustment, ("X-Requested-By", "alice"));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("accepted", body.GetProperty("status").GetString());
        var written = Assert.IsType<AdjustRequest>(Assert.Single(served.Requests()));
        Assert.Equal(new VmSize(6, 16), written.Size);
        Assert.Equal(TimeSpan.FromMinutes(30), written.HoldFor);
        Assert.Equal(("web-1", "", "alice", ServedLog.Noon), (written.VmId, written.PoolId, written.RequestedBy, written.EventTime));
        Assert.Empty(written.Violations());
        Assert.Equal($"/v1/requests/{written.RequestId}", response.Headers.Location!.ToString());
        Assert.Equal("adjust", (await served.Get(response.Headers.Location.ToString())).GetProperty("kind").GetString());
    }

    [Fact]
    public async Task A_models_rollback_is_a_request_to_the_trainer()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Model("smoothing", 3, SmoothingParameters.Default);
        served.Model("smoothing.web", 1);
        await served.GetUntil("/v1/models", list => list.GetProperty("models").GetArrayLength() == 2);

        var (unknown, _) = await served.Send(HttpMethod.Post, "/v1/models/nothing/rollback");
        var (response, body) = await served.Send(HttpMethod.Post, "/v1/models/smoothing/rollback");

        var (first, _) = await served.Send(HttpMethod.Post, "/v1/models/smoothing.web/rollback");

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, first.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("smoothing@3", body.GetProperty("name").GetString());
        using var reader = served.Log.Read([new TopicPartition(served.Topics.Retraining, 0)]);
        using var batch = new RecordBatch();
        Assert.Equal(PollOutcome.Records, reader.Poll(batch, 10, TimeSpan.Zero));
        Assert.Equal(1, batch.Count);
        Assert.Equal(
            RetrainingRequest.Rollback("smoothing", ServedLog.Noon, "asked for by api"),
            RetrainingRequestCodec.Read(new ProtoReader(batch[0].Value)));
    }

    [Fact]
    public async Task Everything_wrong_with_a_body_is_named_at_once_and_nothing_is_written()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, problem) = await served.Send(
            HttpMethod.Post, "/v1/vms/web-1/resources?wait=1y", """{"cpu_cores":-1,"hold_for":"later","cores":2}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var wrong = problem.GetProperty("errors").EnumerateArray().ToDictionary(
            error => error.GetProperty("field").GetString()!, error => error.GetProperty("found").GetString());
        Assert.Equal(["cores", "cpu_cores", "hold_for", "memory_gb", "wait"], wrong.Keys.Order());
        Assert.Equal("-1", wrong["cpu_cores"]);
        Assert.Empty(served.Requests());
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"cpu_cores":1e999,"memory_gb":2}""")]
    [InlineData("""{"cpu_cores":2,"memory_gb":0}""")]
    [InlineData("""{"cpu_cores":2,"memory_gb":2,"memory_gib":3}""")]
    [InlineData("""{"cpu_cores":2,"memory_gb":2,"hold_for":"500d"}""")]
    public async Task A_body_that_says_no_size_is_refused(string json)
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, _) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", json);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(served.Requests());
    }

    [Fact]
    public async Task Memory_in_gb_and_in_gib_is_the_same()
    {
        await using var served = await ServedLog.WithOneVm();

        await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", """{"cpu_cores":1,"memory_gib":8}""");
        await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", """{"cpu_cores":1,"memory_gb":8}""");

        Assert.All(served.Requests(), request => Assert.Equal(8, ((AdjustRequest)request).Size.MemoryGib));
        Assert.Equal(2, served.Requests().Count);
    }

    [Fact]
    public async Task An_idempotency_key_makes_repetitions_one_request_across_servers()
    {
        await using var served = await ServedLog.WithOneVm();
        var (_, first) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", Adjustment, ("Idempotency-Key", "k-1"));
        served.Decide("web-1", 30);
        await served.GetUntil("/v1/vms/web-1/decisions", list => list.GetProperty("decisions").GetArrayLength() == 1);

        var (response, second) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", Adjustment, ("Idempotency-Key", "k-1"));
        await using (var other = new OtherServer(served))
        {
            await other.Start();
            var (_, third) = await other.Post("/v1/vms/web-1/resources", Adjustment, "k-1");
            Assert.Equal(first.GetProperty("request_id").GetString(), third.GetProperty("request_id").GetString());
        }

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(first.GetProperty("request_id").GetString(), second.GetProperty("request_id").GetString());
        Assert.Single(served.Requests());
    }

    [Fact]
    public async Task An_idempotency_key_used_for_something_else_is_refused()
    {
        await using var served = await ServedLog.WithOneVm();
        await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", Adjustment, ("Idempotency-Key", "k-1"));

        var (response, problem) = await served.Send(
            HttpMethod.Post, "/v1/vms/web-1/resources", """{"cpu_cores":7,"memory_gb":16,"hold_for":"30m"}""", ("Idempotency-Key", "k-1"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Contains("7 cores", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Single(served.Requests());
    }

    [Fact]
    public async Task A_wait_ends_with_the_decision_and_the_outcome()
    {
        await using var served = await ServedLog.WithOneVm();

        var asking = served.Send(HttpMethod.Post, "/v1/vms/web-1/resources?wait=30s", Adjustment, ("Idempotency-Key", "k"));
        var id = (await served.WaitForRequest()).RequestId;
        // A decision that says only that an earlier command is in flight is no answer yet.
        served.Decide("web-1", 1, decision => (decision.Reason, decision.RequestId) = (DecisionReason.InFlight, id));
        Assert.Equal("accepted", await Status(served, id, status => status.GetProperty("decision").ValueKind == JsonValueKind.Object));
        served.Decide("web-1", 2, decision => (decision.Kind, decision.Reason, decision.RequestId, decision.Revision, decision.Target) =
            (DecisionKind.Manual, DecisionReason.Request, id, 1, new VmSize(6, 16)));
        Assert.Equal("decided", await Status(served, id, status => status.GetProperty("decision").GetProperty("revision").GetInt64() == 1));
        served.Decide("web-1", 3, decision => (decision.Reason, decision.RequestId) = (DecisionReason.HeldByPerson, id));
        Assert.False(asking.IsCompleted);
        served.Allocate("web-1", 1, minute: 4, cores: 6);
        var (response, body) = await asking;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("completed", body.GetProperty("status").GetString());
        Assert.Equal("manual", body.GetProperty("decision").GetProperty("kind").GetString());
        Assert.Equal(6, body.GetProperty("allocation").GetProperty("observed").GetProperty("cpu_cores").GetDouble());
    }

    [Fact]
    public async Task A_denial_completes_a_request_without_an_allocation()
    {
        await using var served = await ServedLog.WithOneVm();
        var asking = served.Send(HttpMethod.Post, "/v1/vms/web-1/resources?wait=30s", Adjustment);
        var id = (await served.WaitForRequest()).RequestId;
        served.Decide("web-1", 1, decision => (decision.Kind, decision.Reason, decision.RequestId) =
            (DecisionKind.Denied, DecisionReason.NoCapacity, id));

        var (response, body) = await asking;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("denied", body.GetProperty("decision").GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, body.GetProperty("allocation").ValueKind);
    }

    [Fact]
    public async Task A_wait_that_ends_before_an_answer_is_accepted_all_the_same()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, body) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources?wait=10ms", Adjustment);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("accepted", body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_server_that_starts_later_knows_requests_and_their_answers()
    {
        await using var served = await ServedLog.WithOneVm();
        var (_, asked) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/resources", Adjustment);
        var id = asked.GetProperty("request_id").GetString()!;
        served.Decide("web-1", 2, decision => (decision.Kind, decision.RequestId, decision.Revision, decision.Target) =
            (DecisionKind.Manual, id, 1, new VmSize(6, 16)));
        served.Allocate("web-1", 1, minute: 4, cores: 6);

        await using var later = new OtherServer(served);
        await later.Start();

        Assert.Equal("completed", (await later.Get($"/v1/requests/{id}")).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("vms/web-1", "web-1", "")]
    [InlineData("pools/east", "", "east")]
    public async Task Hold_release_and_rollback_are_written_for_a_vm_and_a_pool(string path, string vmId, string poolId)
    {
        await using var served = await ServedLog.WithOneVm();

        var (hold, _) = await served.Send(HttpMethod.Put, $"/v1/{path}/hold", """{"hold_for":"1h"}""");
        var (release, _) = await served.Send(HttpMethod.Delete, $"/v1/{path}/hold");
        var (rollback, _) = await served.Send(HttpMethod.Post, $"/v1/{path}/rollback");

        Assert.All([hold, release, rollback], response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
        var requests = served.Requests();
        Assert.Equal(TimeSpan.FromHours(1), Assert.IsType<HoldRequest>(requests[0]).HoldFor);
        Assert.IsType<ReleaseRequest>(requests[1]);
        Assert.IsType<RollbackRequest>(requests[2]);
        Assert.All(requests, request => Assert.Equal((vmId, poolId), (request.VmId, request.PoolId)));
        Assert.All(requests, request => Assert.Empty(request.Violations()));
    }

    [Fact]
    public async Task A_hold_needs_its_duration()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, _) = await served.Send(HttpMethod.Put, "/v1/vms/web-1/hold", "{}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(served.Requests());
    }

    [Theory]
    [InlineData("POST", "vms/nobody/resources")]
    [InlineData("PUT", "vms/nobody/hold")]
    [InlineData("PUT", "pools/nowhere/hold")]
    [InlineData("DELETE", "pools/nowhere/hold")]
    [InlineData("GET", "requests/r-0")]
    public async Task What_is_unknown_is_not_found(string method, string path)
    {
        await using var served = await ServedLog.WithOneVm();
        var json = path.EndsWith("resources", StringComparison.Ordinal) ? Adjustment : method == "PUT" ? """{"hold_for":"1h"}""" : null;

        var (response, _) = await served.Send(new HttpMethod(method), $"/v1/{path}", json);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(served.Requests());
    }

    private static async Task<string?> Status(ServedLog served, string id, Func<JsonElement, bool> expected) =>
        (await served.GetUntil($"/v1/requests/{id}", expected)).GetProperty("status").GetString();
}
