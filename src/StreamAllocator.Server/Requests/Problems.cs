using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace StreamAllocator.Server.Requests;

/// <summary>One thing wrong with a request: where, what was found, what was expected.</summary>
internal sealed record Violation(string Field, string Found, string Expected);

/// <summary>RFC 9457 problem details; with violations, every one of them under <c>errors</c>.</summary>
internal static class Problems
{
    public static IResult Invalid(IReadOnlyList<Violation> violations) => Results.Problem(new ProblemDetails
    {
        Status = StatusCodes.Status400BadRequest,
        Title = "The request is not valid",
        Detail = string.Join("; ", violations.Select(wrong => $"{wrong.Field}: found {wrong.Found}, expected {wrong.Expected}")),
        Extensions = { ["errors"] = JsonSerializer.SerializeToElement(violations, Json.Options) },
    });

    public static IResult Invalid(string field, string found, string expected) => Invalid([new Violation(field, found, expected)]);

    /// <param name="what">vm, pool, model or request.</param>
    public static IResult NotFound(string what, string id) => Of(StatusCodes.Status404NotFound, $"Unknown {what}", $"found {what} '{id}', expected {what switch
    {
        "vm" => "one that GET /v1/vms lists",
        "pool" => "one that GET /v1/pools lists",
        "model" => "one that GET /v1/models lists as champion",
        _ => "a request_id that was answered, and is among the newest kept",
    }}");

    public static IResult Of(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title);
}
