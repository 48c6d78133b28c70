using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Routes;

internal static class HealthRoutes
{
    public static void Map(IEndpointRouteBuilder routes, FleetView view, ViewReader reader)
    {
        routes.MapGet("/healthz", () => Results.Text("ok\n"))
            .WithName("healthz")
            .WithSummary("200 as long as the server answers. Needs no token.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        routes.MapGet("/readyz", () => NotReady(view, reader) ?? Results.Text("ready\n"))
            .WithName("readyz")
            .WithSummary("200 once the views hold all that the log held at the start, 503 before, and after the log failed.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Null where the views can be shown; the answer otherwise.</summary>
    public static IResult? NotReady(FleetView view, ViewReader reader) => reader.Failure is { } failure
        ? Problems.Of(StatusCodes.Status503ServiceUnavailable, "The log failed", failure.Message)
        : view.IsCurrent
            ? null
            : Problems.Of(StatusCodes.Status503ServiceUnavailable, "Not ready yet", "the views are still reading what the log holds");
}
