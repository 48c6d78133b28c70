using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamAllocator.Server.Events;

namespace StreamAllocator.Server.Routes;

internal static class EventRoutes
{
    public static void Map(IEndpointRouteBuilder routes, EventFeed feed, CancellationToken stopping) =>
        routes.MapGet("/v1/events", (string[]? vm, HttpContext context) => feed.Serve(context, vm ?? [], stopping))
            .WithName("events")
            .WithSummary(
                "Decisions, commands and allocations as they come, as server-sent events (decision, command, allocation); resumable by Last-Event-ID; "
                + "?vm= of some VMs only.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}
