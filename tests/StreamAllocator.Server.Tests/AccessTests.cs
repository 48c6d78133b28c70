using System.Net;
using System.Net.Http.Headers;

namespace StreamAllocator.Server.Tests;

public sealed class AccessTests
{
    private const string Token = "correct-horse-battery";

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public void An_address_that_others_reach_needs_a_token(string address)
    {
        var open = new ServerOptions { Address = address };

        Assert.Contains("expected a Token", Assert.Single(open.Validate()), StringComparison.Ordinal);
        Assert.Empty((open with { Token = Token }).Validate());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Loopback_needs_none(string address) => Assert.Empty(new ServerOptions { Address = address }.Validate());

    [Fact]
    public async Task A_server_is_not_made_of_options_that_are_not_valid()
    {
        await using var served = new ServedLog();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => served.Start(new ServerOptions { Address = "0.0.0.0", Name = "", MaxRequests = 0 }));

        Assert.Contains("Token", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Name ''", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MaxRequests 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_token_every_route_but_health_needs_it()
    {
        await using var served = await ServedLog.WithOneVm(new ServerOptions { Token = Token });

        foreach (var path in new[] { "/v1/vms", "/v1/events", "/readyz", "/metrics", "/openapi/v1.json", "/nowhere" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(path, null));
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(path, Token + "x"));
            Assert.Equal(HttpStatusCode.Unauthorized, await Status(path, Token[..^1]));
        }

        Assert.Equal(HttpStatusCode.OK, await Status("/healthz", null));
        foreach (var path in new[] { "/v1/vms", "/readyz", "/metrics", "/openapi/v1.json" })
            Assert.Equal(HttpStatusCode.OK, await Status(path, Token));

        async Task<HttpStatusCode> Status(string path, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            return (await served.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).StatusCode;
        }
    }

    [Theory]
    [InlineData("Origin", "https://example.org")]
    [InlineData("Host", "example.org")]
    public async Task Without_a_token_a_foreign_page_is_refused(string header, string value)
    {
        await using var served = await ServedLog.WithOneVm();

        var (response, _) = await served.Send(HttpMethod.Post, "/v1/vms/web-1/rollback", null, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(served.Requests());
    }
}
