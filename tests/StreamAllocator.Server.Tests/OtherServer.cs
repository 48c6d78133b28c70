using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using StreamAllocator.Pipeline;

namespace StreamAllocator.Server.Tests;

/// <summary>One more server over the log of another.</summary>
internal sealed class OtherServer : IAsyncDisposable
{
    private readonly AllocatorMetrics _metrics = new();
    private readonly ApiServer _server;
    private HttpClient? _client;

    public OtherServer(ServedLog served, ServerOptions? options = null) => _server = new ApiServer(
        served.Log, served.Topics, options ?? new ServerOptions { Port = 0, Name = "other", DrivenTime = true }, _metrics);

    public async Task Start()
    {
        await _server.StartAsync(CancellationToken.None);
        _client = new HttpClient { BaseAddress = _server.Address };
        await _server.WaitUntilReadyAsync(CancellationToken.None);
    }

    public async Task<JsonElement> Get(string path) => await _client!.GetFromJsonAsync<JsonElement>(path);

    public async Task<(HttpResponseMessage Response, JsonElement Body)> Post(string path, string json, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        var response = await _client!.SendAsync(request);
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _server.DisposeAsync();
        _metrics.Dispose();
    }
}
