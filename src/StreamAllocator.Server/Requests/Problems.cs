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

    public static IResult NotFound(string what, string id) => Of(
        StatusCodes.Status404NotFound, $"Unknown {what}", $"found {what} '{id}', expected one of the inventory or the records kept");

    public static IResult Of(int status, string title, string detail) => Results.Problem(detail, statusCode: status, title: title);
}
