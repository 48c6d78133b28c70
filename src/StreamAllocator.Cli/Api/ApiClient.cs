using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamAllocator.Cli.Api;

/// <summary>Calls the HTTP API of a running allocator. A refusal is told in its own words.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(Uri address, string? token)
    {
        // Longer than the longest wait that the API grants.
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(11) };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _http.DefaultRequestHeaders.Add("X-Requested-By", Environment.UserName is { Length: > 0 } user ? user : "cli");
    }

    /// <param name="path">Relative; ids in it are escaped.</param>
    public Task<JsonNode> Get(string path, CancellationToken cancellationToken) => Send(HttpMethod.Get, path, null, cancellationToken);

    /// <exception cref="IOException">The API cannot be reached, or refused.</exception>
    /// <exception cref="UsageException">The API found the request not valid.</exception>
    public async Task<JsonNode> Send(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken) =>
        Parse(await Answer(method, path, body, cancellationToken)) ?? throw new IOException($"{_http.BaseAddress}{path}: the answer is no JSON");

    /// <summary>Of the routes that answer in plain text.</summary>
    /// <inheritdoc cref="Send"/>
    public Task<string> GetText(string path, CancellationToken cancellationToken) => Answer(HttpMethod.Get, path, null, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<string> Answer(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException(
                $"{_http.BaseAddress}: {exception.GetBaseException().Message}. Is 'streamallocator demo' or 'run' running? --api names another address", exception);
        }

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return text;
            var answer = Parse(text);
            var problem = Text(answer, "detail") ?? Text(answer, "title") ?? $"answered {(int)response.StatusCode} {response.ReasonPhrase}";
            throw response.StatusCode == System.Net.HttpStatusCode.BadRequest ? new UsageException(problem) : new IOException(problem);
        }
    }

    private static string? Text(JsonNode? answer, string name) => answer is JsonObject members && members[name] is JsonValue value ? value.ToString() : null;

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
