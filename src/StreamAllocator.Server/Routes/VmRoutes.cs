using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Routes;

/// <summary>What is known: VMs, their decisions, pools, models.</summary>
internal static class VmRoutes
{
    private const int StandardPage = 1000;
    private const int LargestPage = 10_000;
    private const int LargestHistory = 1000;

    /// <summary><c>?at=</c> finds the decision in force then: not older than this.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes, FleetView view, DecisionHistory history, ServerOptions options)
    {
        routes.MapGet("/v1/vms", (string? pool, string? after, string? limit, HttpRequest request) =>
            {
                var query = new Query(request);
                var page = query.Count("limit", StandardPage, LargestPage);
                return query.Violations.Count > 0 ? Problems.Invalid(query.Violations) : Results.Ok(view.Vms(pool, after, page));
            })
            .WithName("list_vms")
            .WithSummary("The VMs by id: size, usage of the newest window, newest decision. ?pool= of one pool, ?limit= and ?after= in parts.")
            .Produces<VmListAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest);

        routes.MapGet("/v1/vms/{vm_id}", (string vm_id) =>
                view.Vm(PathSegment.Unescape(vm_id)) is { } vm ? Results.Ok(vm) : Problems.NotFound("vm", PathSegment.Unescape(vm_id)))
            .WithName("get_vm")
            .WithSummary("One VM.")
            .Produces<VmAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);

        routes.MapGet(
                "/v1/vms/{vm_id}/decisions",
                (string vm_id, string? at, string? from, string? to, string? limit, HttpRequest request, CancellationToken cancellationToken) =>
                    Decisions(PathSegment.Unescape(vm_id), new Query(request), view, history, options, cancellationToken))
            .WithName("list_decisions")
            .WithSummary(
                "Decisions about a VM, the newest first, with their chain of reasons. ?at= gives the one in force at a time, ?from= and ?to= those of a "
                + "span, ?limit= at most so many.")
            .Produces<DecisionListAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

        routes.MapGet("/v1/pools", () => Results.Ok(view.Pools()))
            .WithName("list_pools")
            .WithSummary("The pools: capacity, what is allocated, reserved and free.")
            .Produces<PoolListAnswer>();

        routes.MapGet("/v1/models", () => Results.Ok(view.Models()))
            .WithName("list_models")
            .WithSummary("The newest release of each model.")
            .Produces<ModelListAnswer>();
    }

    private static IResult Decisions(
        string vmId, Query query, FleetView view, DecisionHistory history, ServerOptions options, CancellationToken cancellationToken)
    {
        var limit = query.Count("limit", options.DecisionsPerVm, LargestHistory);
        var at = query.Time("at");
        var from = query.Time("from");
        var to = query.Time("to");
        if (at is not null && (from is not null || to is not null))
            query.Add("at", query.Text("at")!, "either at, or from and to");
        if (from > to)
            query.Add("from", query.Text("from")!, "a time not after to");
        if (query.Violations.Count > 0)
            return Problems.Invalid(query.Violations);
        if (!view.HasVm(vmId))
            return Problems.NotFound("vm", vmId);
        var decisions = at is { } moment
            ? history.Read(vmId, moment - LongestRound, moment, 1, cancellationToken)
            : from is null && to is null
                ? view.Decisions(vmId, limit)
                : history.Read(vmId, from ?? new EventTime(0), to ?? new EventTime(long.MaxValue), limit, cancellationToken);
        return Results.Ok(new DecisionListAnswer(vmId, [.. decisions.Select(DecisionAnswer.Of)]));
    }
}
