using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using StreamAllocator.Server.Requests;

namespace StreamAllocator.Server.Access;

/// <summary>
/// Who may ask. With a token: whoever bears it. Without one the server is on loopback, and what a web page could send from a browser there is
/// refused: another origin, or a host name that is not this machine's (DNS rebinding).
/// </summary>
internal sealed class AccessRule(string? token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _expected = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Null where it may; the answer otherwise.</summary>
    public IResult? Refuse(HttpContext context)
    {
        var request = context.Request;
        if (request.Path == "/healthz")
            return null;
        if (_expected is not null)
            return BearsToken(request) ? null : Unauthorized(context);
        if (!IsThisMachine(request.Host.Host))
        {
            return Problems.Of(
                StatusCodes.Status403Forbidden, "Foreign host name", $"found host '{request.Host}', expected localhost or a loopback address");
        }

        string? origin = request.Headers.Origin;
        return origin is null || origin == $"{request.Scheme}://{request.Host}"
            ? null
            : Problems.Of(StatusCodes.Status403Forbidden, "Foreign origin", $"found origin '{origin}', expected none or the server's own");
    }

    private static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Of(
            StatusCodes.Status401Unauthorized, "No valid token", "expected the header 'Authorization: Bearer …' with the server's token");
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Compares digests in constant time, so that neither length nor prefix of the token shows.</summary>
    private bool BearsToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), _expected);
    }
}
