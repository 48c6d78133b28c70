using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Testing;

namespace StreamAllocator.Server.Tests;

public sealed class ApiServerTests
{
    /// <summary>The routes that design and README promise.</summary>
    private static readonly string[] Promised =
    [
        "get /v1/vms/{vm_id}/forecast", "post /v1/vms/{vm_id}/resources", "get /v1/requests/{request_id}", "get /v1/vms", "get /v1/vms/{vm_id}",
        "get /v1/vms/{vm_id}/decisions", "put /v1/vms/{vm_id}/hold", "delete /v1/vms/{vm_id}/hold", "post /v1/vms/{vm_id}/rollback",
        "put /v1/pools/{pool_id}/hold", "delete /v1/pools/{pool_id}/hold", "post /v1/pools/{pool_id}/rollback", "get /v1/pools",
        "get /v1/models", "post /v1/models/{model_id}/rollback", "get /v1/events", "get /healthz", "get /readyz", "get /metrics",
    ];

    [Fact]
    public async Task The_openapi_document_lists_every_route_and_its_identifiers()
    {
        await using var served = await ServedLog.WithOneVm();

        var document = await served.Get("/openapi/v1.json");

        var paths = document.GetProperty("paths");
        var listed = paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(verb => $"{verb.Name} {path.Name}"));
        Assert.Equal(Promised.Order(), listed.Order());
        foreach (var path in paths.EnumerateObject())
        {
            foreach (var verb in path.Value.EnumerateObject())
            {
                var named = verb.Value.TryGetProperty("parameters", out var parameters)
                    ? parameters.EnumerateArray().Select(parameter => $"{{{parameter.GetProperty("name").GetString()}}}").ToList()
                    : [];
                Assert.All(path.Name.Split('/').Where(part => part.StartsWith('{')), part => Assert.Contains(part, named));
            }
        }

        Assert.Contains("Idempotency-Key", Headers("/v1/vms/{vm_id}/resources", "post"));
        Assert.Equal(["Last-Event-ID"], Headers("/v1/events", "get"));
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("AdjustBody").GetProperty("properties")
            .TryGetProperty("memory_gb", out _));

        IEnumerable<string?> Headers(string path, string verb) => paths.GetProperty(path).GetProperty(verb).GetProperty("parameters")
            .EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() == "header")
            .Select(parameter => parameter.GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_address_alone_leads_to_what_can_be_asked()
    {
        await using var served = await ServedLog.WithOneVm();

        var (_, document) = await served.Send(HttpMethod.Get, "/");

        Assert.True(document.GetProperty("paths").TryGetProperty("/v1/vms", out _));
    }

    [Fact]
    public async Task A_route_that_does_not_exist_is_a_problem()
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, problem) = await served.Send(HttpMethod.Get, "/v1/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(404, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Metrics_tell_decisions_by_reason_records_dead_letters_and_lag()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Decide("web-1", 5, decision => decision.Reason = DecisionReason.BackOff);
        served.Write(
            served.Topics.DeadLetter, 0, ServedLog.Noon, "web-1", SchemaHeaders.DeadLetter,
            new StreamAllocator.Schemas.DeadLetter { Cause = StreamAllocator.Schemas.DeadLetterCause.Oversized });
        served.Allocate("web-1", 1, 2, cores: 6);

        var text = await MetricsWith(served, "reason=\"back_off\"", "cause=\"oversized\"", "stage=\"execute\"");

        Assert.Matches("""streamallocator_records_total\{[^}]*topic="streamallocator.vms"[^}]*\} 1""", text);
        Assert.Contains("streamallocator_decisions_total{", text, StringComparison.Ordinal);
        Assert.Contains("streamallocator_dead_letters_total{", text, StringComparison.Ordinal);
        Assert.Contains("streamallocator_tick_lag_seconds{", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operators_page_says_what_each_metric_means_and_alerts_ask_for_no_other()
    {
        await using var served = await ServedLog.WithOneVm();
        using var metrics = new AllocatorMetrics();
        metrics.Step("documented", TimeSpan.FromSeconds(2));
        metrics.ShardFailed("documented");
        metrics.Ticked("documented", "shard-0", ServedLog.Noon);
        metrics.DeadLetter(DeadLetterCause.Oversized);
        metrics.Decision(DecisionKind.Denied, DecisionReason.NoCapacity);

        var text = await MetricsWith(served, "stage=\"documented\"", "reason=\"no_capacity\"", "cause=\"oversized\"");

        var infra = Path.Combine(SharedFolder.RepositoryRoot(), "infra");
        var printed = Found(text, "^# TYPE ((?:streamallocator|dotnet)_\\w+)");
        Assert.NotEmpty(printed);
        Assert.Equal(printed, Found(File.ReadAllText(Path.Combine(infra, "README.md")), @"^\| `((?:streamallocator|dotnet)_\w+)"));
        Assert.Subset(printed.ToHashSet(), Found(File.ReadAllText(Path.Combine(infra, "prometheus", "streamallocator.rules.yml")), @"\b(streamallocator_\w+)").ToHashSet());

        static string[] Found(string text, string pattern) =>
            [.. Regex.Matches(text, pattern, RegexOptions.Multiline).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Whoever_runs_a_stage_feeds_the_metrics()
    {
        await using var served = await ServedLog.WithOneVm();
        using var metrics = new AllocatorMetrics();
        metrics.Step("lonely-stage", TimeSpan.FromSeconds(2));

        var text = await MetricsWith(served, "stage=\"lonely-stage\"");

        Assert.Matches("""streamallocator_step_duration_seconds_sum\{[^}]*stage="lonely-stage"[^}]*\} 2""", text);
    }

    [Fact]
    public async Task A_stage_is_as_far_as_its_slowest_shard_and_that_goes_before_what_topics_show()
    {
        await using var served = await ServedLog.WithOneVm();
        using var metrics = new AllocatorMetrics(() => new EventTime(100_000));
        metrics.Ticked("ingest-here", "shard-0", new EventTime(90_000));
        metrics.Ticked("ingest-here", "shard-1", new EventTime(70_000));
        metrics.Ticked("ingest-here", "shard-2", new EventTime(10_000));
        metrics.Ticked("ingest-here", "shard-2", EventTime.Unknown);
        metrics.Seen("ingest-here", new EventTime(95_000));
        metrics.Seen("elsewhere", new EventTime(60_000));

        var text = await MetricsWith(served, "stage=\"ingest-here\"", "stage=\"elsewhere\"");

        Assert.Matches("""streamallocator_tick_lag_seconds\{[^}]*stage="ingest-here"[^}]*\} 30""", text);
        Assert.Matches("""streamallocator_tick_lag_seconds\{[^}]*stage="elsewhere"[^}]*\} 40""", text);
    }

    [Fact]
    public async Task A_taken_port_is_one_clear_error()
    {
        await using var served = new ServedLog();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var metrics = new AllocatorMetrics();
        await using var server = new ApiServer(served.Log, served.Topics, new ServerOptions { Port = port }, metrics);

        var refusal = await Assert.ThrowsAsync<IOException>(() => server.StartAsync(CancellationToken.None));

        Assert.Contains($"port {port}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_record_is_passed_over()
    {
        await using var served = new ServedLog();
        served.Write(served.Topics.Vms, 0, ServedLog.Noon, "broken", SchemaHeaders.VmSpec, [0xFF]);
        served.Vm("web-1");
        await served.Start();

        Assert.Equal(1, (await served.Get("/v1/vms")).GetProperty("vms").GetArrayLength());
    }

    [Fact]
    public async Task Inventory_is_read_whole_and_what_happened_from_its_newest_records()
    {
        await using var served = new ServedLog(keepAll: true);
        for (var vm = 0; vm < 20; vm++)
            served.Vm($"vm-{vm}");
        for (var minute = 0; minute < 20; minute++)
            served.Decide("vm-0", minute);
        await served.Start(new ServerOptions { DrivenTime = true, RecordsAtStart = 5 });

        Assert.Equal(20, (await served.Get("/v1/vms")).GetProperty("vms").GetArrayLength());
        Assert.Equal(5, (await served.Get("/v1/vms/vm-0/decisions")).GetProperty("decisions").GetArrayLength());
    }

    [Fact]
    public async Task A_server_stops_at_once_though_somebody_waits()
    {
        await using var served = await ServedLog.WithOneVm();
        var asking = served.Send(HttpMethod.Post, "/v1/vms/web-1/rollback?wait=60s");
        await served.WaitForRequest();

        await served.Stop();
        var (response, _) = await asking;

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task A_decision_of_a_newer_version_is_shown_without_words()
    {
        await using var served = await ServedLog.WithOneVm();
        served.Decide("web-1", 5, decision => decision.Reason = (DecisionReason)999);

        var list = await served.GetUntil("/v1/vms/web-1/decisions", list => list.GetProperty("decisions").GetArrayLength() == 1);

        Assert.Contains("newer version", list.GetProperty("decisions")[0].GetProperty("explanation")[0].GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> MetricsWith(ServedLog served, params string[] parts)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var text = await served.Client.GetStringAsync("/metrics", patience.Token);
            if (parts.All(part => text.Contains(part, StringComparison.Ordinal)))
                return text;
        }
    }
}
