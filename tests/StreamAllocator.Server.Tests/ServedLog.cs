using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.InMemory;
using StreamAllocator.Pipeline.Wire;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Server.Tests;

/// <summary>A log in memory, written by a test, under a server on a free port.</summary>
internal sealed class ServedLog : IAsyncDisposable
{
    public static readonly EventTime Noon = EventTime.From(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private const int VmPartitions = 2;
    private readonly ILogProducer _producer;
    private readonly ProtoWriter _writer = new();
    private readonly DecisionCodec _decisions = new();
    private readonly AllocatorMetrics _metrics;
    private ApiServer? _server;
    private HttpClient? _client;

    public ServedLog(bool keepAll = false)
    {
        Log.CreateTopics(Topics.All(VmPartitions, 1, keepAll: keepAll));
        _producer = Log.OpenProducer("test");
        _metrics = new AllocatorMetrics();
    }

    public InMemoryLog Log { get; } = new();

    public Topics Topics { get; } = new();

    public HttpClient Client => _client!;

    public Uri Address => _server!.Address;

    /// <summary>One VM, "web-1" in pool "east", its host, a forecast, features; then the server.</summary>
    public static async Task<ServedLog> WithOneVm(ServerOptions? options = null)
    {
        var served = new ServedLog();
        served.Vm("web-1");
        served.Host("host-1", cores: 16, memory: 64);
        served.Forecast("web-1");
        served.Features("web-1");
        await served.Start(options);
        return served;
    }

    public async Task Start(ServerOptions? options = null)
    {
        _server = new ApiServer(Log, Topics, (options ?? new ServerOptions { DrivenTime = true }) with { Port = 0 }, _metrics);
        await _server.StartAsync(CancellationToken.None);
        _client = new HttpClient { BaseAddress = _server.Address };
        await _server.WaitUntilReadyAsync(CancellationToken.None);
    }

    public void Vm(string id, string pool = "east", Priority priority = Priority.High) => Write(
        Topics.Vms, 0, Noon, id, SchemaHeaders.VmSpec, writer => VmSpecCodec.WriteFields(
            writer, new VmSpec(id, pool, new VmSize(4, 16), new VmSize(0.5, 1), new VmSize(8, 32), priority)));

    public void RemoveVm(string id) => Write(Topics.Vms, 0, Noon, id, SchemaHeaders.VmSpec, _ => { });

    public void Host(string id, double cores, double memory) => Write(
        Topics.Hosts, 0, Noon, id, SchemaHeaders.HostSpec, writer => HostSpecCodec.WriteFields(
            writer, new HostSpec(id, "east", "", "", new VmSize(cores, memory), new VmSize(0.01, 0.0625))));

    /// <summary>At each lead time i from 1: CPU mean i, standard deviation i / 10, quantile of level l i + l; memory ten times that.</summary>
    public void Forecast(string id)
    {
        var forecast = new Wire.Forecast { VmId = id, OriginMs = Noon.UnixMilliseconds, WindowMs = 300_000, DataAgeWindows = 1, ModelVersion = "smoothing@3" };
        foreach (var level in QuantileLevels.All)
            forecast.Levels.Add((float)level);
        for (var resource = 0; resource < 3; resource++)
        {
            var scale = resource == 1 ? 10 : 1;
            var of = new Wire.ResourceForecast { BestExpert = "mix" };
            for (var lead = 1; lead <= Horizon.Leads; lead++)
            {
                of.Mean.Add(scale * lead);
                of.Stddev.Add(scale * lead / 10f);
                of.Quantiles.Add(forecast.Levels.Select(level => scale * (lead + level)));
            }

            of.DwellMax1H.Add(forecast.Levels.Select(level => scale * (20 + level)));
            of.DwellMax15M.Add(forecast.Levels.Select(level => scale * (10 + level)));
            forecast.Resources.Add(of);
        }

        // The network was never seen.
        forecast.Resources.Add(new Wire.ResourceForecast());
        Write(Topics.Forecasts, Partition(id), Noon, id, SchemaHeaders.Forecast, forecast);
    }

    public void Features(string id)
    {
        var features = new Wire.Features { VmId = id, StartMs = (Noon - TimeSpan.FromMinutes(5)).UnixMilliseconds, EndMs = Noon.UnixMilliseconds };
        features.Mean.Add([1.5f, 6f, 1000f, float.NaN]);
        features.Max.Add([2f, 7f, 2000f, float.NaN]);
        features.Censored.Add([true, false]);
        Write(Topics.Features, Partition(id), Noon, id, SchemaHeaders.Features, features);
    }

    public void Decide(string id, int minute, Action<Decision>? change = null)
    {
        var decision = new Decision
        {
            VmId = id,
            PoolId = "east",
            EventTime = Noon + TimeSpan.FromMinutes(minute),
            Reason = DecisionReason.WithinThreshold,
            CpuReason = DecisionReason.WithinThreshold,
            MemoryReason = DecisionReason.WithinThreshold,
            Priority = Priority.High,
            Allocated = new VmSize(4, 16),
            Target = new VmSize(4, 16),
            ForecastOrigin = Noon,
            ModelVersion = "smoothing@3",
        };
        decision.AddStep(DecisionStepKind.Allocated, Resource.Cpu, 4);
        decision.AddStep(DecisionStepKind.Final, Resource.Cpu, 4);
        change?.Invoke(decision);
        Write(Topics.Decisions, Partition(id), decision.EventTime, id, SchemaHeaders.Decision, writer => _decisions.WriteFields(writer, decision));
    }

    public void Command(string id, long revision, int minute, string reason = "asked for") => Write(
        Topics.Commands, 0, Noon + TimeSpan.FromMinutes(minute), id, SchemaHeaders.ResizeCommand, writer => ResizeCommandCodec.WriteFields(
            writer,
            new ResizeCommand(
                id, "east", revision, new VmSize(6, 16), new VmSize(4, 16), 1, Noon, Noon + TimeSpan.FromMinutes(10), "", [reason])));

    public void DecideTick(int minute) => Write(
        Topics.Commands, 0, Noon + TimeSpan.FromMinutes(minute), "", SchemaHeaders.Tick, writer => new Tick(
            TickSource.Decide, 0, 1, Noon + TimeSpan.FromMinutes(minute)).WriteFields(writer));

    public void Allocate(string id, long revision, int minute, double cores) => Write(
        Topics.Allocations, Partition(id), Noon + TimeSpan.FromMinutes(minute), id, SchemaHeaders.Allocation, writer => AllocationCodec.WriteFields(
            writer,
            new Allocation(
                id, "east", revision, new VmSize(cores, 16), new VmSize(cores, 16), AllocationOutcome.Applied, "host-1", Noon,
                Noon + TimeSpan.FromMinutes(minute))));

    public void Model(string id, long version, params SmoothingParameters[] earlier) => Write(
        Topics.Models, 0, Noon, id, SchemaHeaders.ModelRelease, writer => ModelReleaseCodec.WriteFields(
            writer,
            new ModelRelease(id, "", version, Noon, ModelRole.Champion, SmoothingParameters.Default, 0.1, 0.2, 2016, "schedule") { Earlier = earlier }));

    public void Write(string topic, int partition, EventTime time, string key, byte[] schema, IMessage message) =>
        Write(topic, partition, time, key, schema, message.ToByteArray());

    public void Write(string topic, int partition, EventTime time, string key, byte[] schema, ReadOnlySpan<byte> value)
    {
        using var outputs = new OutputBatch();
        outputs.Append(new TopicPartition(topic, partition), time, Encoding.UTF8.GetBytes(key), schema, value);
        _producer.Send(outputs);
        _producer.Commit(null, []);
    }

    /// <summary>The requests that the log holds.</summary>
    public IReadOnlyList<ControlRequest> Requests()
    {
        using var reader = Log.Read([new TopicPartition(Topics.Requests, 0)]);
        using var batch = new RecordBatch();
        var requests = new List<ControlRequest>();
        while (reader.Poll(batch, 100, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var index = 0; index < batch.Count; index++)
                requests.Add(ControlRequestCodec.Read(new ProtoReader(batch[index].Value)));
        }

        return requests;
    }

    public async Task<ControlRequest> WaitForRequest()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Requests().Count == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return Requests()[0];
    }

    public Task Stop() => _server!.StopAsync(CancellationToken.None);

    public async Task<JsonElement> Get(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Asks again until the answer is as expected: views follow the log by a moment.</summary>
    public async Task<JsonElement> GetUntil(string path, Func<JsonElement, bool> expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = await Client.GetFromJsonAsync<JsonElement>(path, patience.Token);
            if (expected(answer))
                return answer;
            await Task.Yield();
        }
    }

    public async Task<(HttpResponseMessage Response, JsonElement Body)> Send(
        HttpMethod method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _producer.Dispose();
        Log.Dispose();
        _metrics.Dispose();
    }

    private static int Partition(string id) => StableHash.Partition(id, VmPartitions);

    private void Write(string topic, int partition, EventTime time, string key, byte[] schema, Action<ProtoWriter> fields)
    {
        _writer.Clear();
        fields(_writer);
        Write(topic, partition, time, key, schema, _writer.Written);
    }
}
