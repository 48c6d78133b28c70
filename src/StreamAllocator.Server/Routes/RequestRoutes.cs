using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Routes;

/// <summary>What people ask for: adjust_resources, hold, release, rollback, and what became of it.</summary>
internal sealed class RequestRoutes(
    FleetView view, RequestWriter writer, ServerOptions options, Func<EventTime> now, TimeProvider clock, CancellationToken stopping)
{
    private const string IdempotencyKey = "Idempotency-Key";
    private const string RequestedBy = "X-Requested-By";
    private static readonly TimeSpan StandardHold = TimeSpan.FromHours(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        Describe(routes.MapPost("/v1/vms/{vm_id}/resources", (string vm_id, string? wait, HttpContext context) => Adjust(vm_id, context)))
            .WithName("adjust_resources")
            .WithSummary("Sets a VM to an absolute size, within its bounds and a permit of its pool (adjust_resources).")
            .Accepts<AdjustBody>("application/json");
        DescribeHold("vm", routes.MapPut("/v1/vms/{vm_id}/hold", (string vm_id, string? wait, HttpContext context) => Hold(vm_id, false, context)));
        DescribeHold(
            "pool", routes.MapPut("/v1/pools/{pool_id}/hold", (string pool_id, string? wait, HttpContext context) => Hold(pool_id, true, context)));
        DescribeRelease(
            "vm", routes.MapDelete("/v1/vms/{vm_id}/hold", (string vm_id, string? wait, HttpContext context) => Release(vm_id, false, context)));
        DescribeRelease(
            "pool",
            routes.MapDelete("/v1/pools/{pool_id}/hold", (string pool_id, string? wait, HttpContext context) => Release(pool_id, true, context)));
        DescribeRollback(
            "vm", routes.MapPost("/v1/vms/{vm_id}/rollback", (string vm_id, string? wait, HttpContext context) => Rollback(vm_id, false, context)));
        DescribeRollback(
            "pool",
            routes.MapPost("/v1/pools/{pool_id}/rollback", (string pool_id, string? wait, HttpContext context) => Rollback(pool_id, true, context)));

        routes.MapPost("/v1/models/{model_id}/rollback", (string model_id, HttpContext context) => RollBackModel(PathSegment.Unescape(model_id), context))
            .WithName("rollback_model")
            .WithSummary("Asks the trainer to serve the parameters of the model's previous champion again; answers with the present one.")
            .Produces<ModelAnswer>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

        routes.MapGet("/v1/requests/{request_id}", (string request_id, string? wait, HttpContext context) => Look(request_id, context))
            .WithName("get_request")
            .WithSummary("A request with the decision that answers it and the outcome; ?wait= waits for that.")
            .Produces<RequestAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static void DescribeHold(string target, RouteHandlerBuilder route) => Describe(route)
        .WithName($"hold_{target}")
        .WithSummary($"Keeps a {target} at its present size for a time.")
        .Accepts<HoldBody>("application/json");

    private static void DescribeRelease(string target, RouteHandlerBuilder route) => Describe(route)
        .WithName($"release_{target}")
        .WithSummary($"Gives a {target} back to the policy.");

    private static void DescribeRollback(string target, RouteHandlerBuilder route) => Describe(route)
        .WithName($"rollback_{target}")
        .WithSummary($"Takes a {target} back to the last good size.");

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .WithDescription(
            "Answers 202 with the id and location of the request, or with ?wait=10s 200 with the decision and the outcome. A repetition with the "
            + "same Idempotency-Key is the same request. X-Requested-By says who asks.")
        .Produces<RequestAnswer>()
        .Produces<RequestAnswer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private async Task<IResult> Adjust(string segment, HttpContext context)
    {
        var body = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        var isRead = body.Violations.Count == 0;
        var cores = body.Positive("cpu_cores", "cores");
        var inGb = body.Positive("memory_gb", "GiB");
        var inGib = body.Positive("memory_gib", "GiB");
        var hold = body.Duration("hold_for", ControlRequest.LongestHold);
        if (isRead)
        {
            body.Require(cores is not null, "cpu_cores", "a number of cores above 0");
            if (body.Violations.TrueForAll(wrong => wrong.Field != "memory_gib"))
                body.Require(inGb is not null || inGib is not null, "memory_gb", "a number of GiB above 0");
            if (inGb is not null && inGib is not null && inGb != inGib)
                body.Add("memory_gb", $"{inGb} beside memory_gib {inGib}", "one of them: they are the same unit");
            body.RefuseTheRest("cpu_cores, memory_gb (or memory_gib), hold_for");
        }

        return await Ask(context, segment, false, RequestKindAnswer.Adjust, body.Violations, (id, by, time) => new AdjustRequest(
            id, by, time, new VmSize(cores!.Value, (inGb ?? inGib)!.Value), hold ?? StandardHold));
    }

    private async Task<IResult> Hold(string segment, bool isPool, HttpContext context)
    {
        var body = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        var isRead = body.Violations.Count == 0;
        var hold = body.Duration("hold_for", ControlRequest.LongestHold);
        if (isRead)
        {
            body.Require(hold is not null, "hold_for", Durations.Expected);
            body.RefuseTheRest("hold_for");
        }

        return await Ask(context, segment, isPool, RequestKindAnswer.Hold, body.Violations, (id, by, time) => new HoldRequest(
            id, by, time, hold!.Value));
    }

    private Task<IResult> Release(string segment, bool isPool, HttpContext context) => Ask(
        context, segment, isPool, RequestKindAnswer.Release, [], (id, by, time) => new ReleaseRequest(id, by, time));

    private Task<IResult> Rollback(string segment, bool isPool, HttpContext context) => Ask(
        context, segment, isPool, RequestKindAnswer.Rollback, [], (id, by, time) => new RollbackRequest(id, by, time));

    private IResult RollBackModel(string modelId, HttpContext context)
    {
        var violations = new List<Violation>();
        var by = Header(context, RequestedBy, "api", violations);
        if (violations.Count > 0)
            return Problems.Invalid(violations);
        if (view.Model(modelId) is not { } present)
            return Problems.NotFound("model", modelId);
        if (present.Earlier.Count == 0)
            return Problems.Of(StatusCodes.Status409Conflict, "Nothing to go back to", $"{present.Name}: no champion served before it");
        try
        {
            writer.Write(RetrainingRequest.Rollback(modelId, now(), $"asked for by {by}"));
        }
        catch (LogException exception)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "The log did not take the request", exception.Message);
        }

        return Results.Json(present, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task<IResult> Ask(
        HttpContext context,
        string segment,
        bool isPool,
        RequestKindAnswer kind,
        List<Violation> violations,
        Func<string, string, EventTime, ControlRequest> create)
    {
        var target = PathSegment.Unescape(segment);
        var query = new Query(context.Request);
        var wait = query.Duration("wait", TimeSpan.Zero, TimeSpan.Zero, options.MaxWait);
        violations.AddRange(query.Violations);
        var key = Header(context, IdempotencyKey, null, violations);
        var by = Header(context, RequestedBy, "api", violations);
        if (violations.Count > 0)
            return Problems.Invalid(violations);
        if (!(isPool ? view.HasPool(target) : view.HasVm(target)))
            return Problems.NotFound(isPool ? "pool" : "vm", target);
        var request = create(RequestWriter.IdOf(target, kind, key), by!, now());
        request = isPool ? request with { PoolId = target } : request with { VmId = target };
        ControlRequest written;
        try
        {
            written = writer.Write(request);
        }
        catch (LogException exception)
        {
            return Problems.Of(
                StatusCodes.Status503ServiceUnavailable,
                "The log did not take the request",
                $"{exception.Message}. Repeat it with an {IdempotencyKey}: it is carried out once");
        }

        if (written with { EventTime = request.EventTime, RequestedBy = request.RequestedBy } != request)
        {
            return Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                "The Idempotency-Key was used for another request",
                $"found {Shown(request)}, expected a repetition of request {written.RequestId}: {Shown(written)}");
        }

        context.Response.Headers.Location = $"/v1/requests/{written.RequestId}";
        var answer = await AwaitAnswer(written.RequestId, wait, context.RequestAborted);
        return answer!.Status == RequestStatus.Completed && wait > TimeSpan.Zero
            ? Results.Ok(answer)
            : Results.Json(answer, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task<IResult> Look(string requestId, HttpContext context)
    {
        var query = new Query(context.Request);
        var wait = query.Duration("wait", TimeSpan.Zero, TimeSpan.Zero, options.MaxWait);
        if (query.Violations.Count > 0)
            return Problems.Invalid(query.Violations);
        return await AwaitAnswer(requestId, wait, context.RequestAborted) is { } answer
            ? Results.Ok(answer)
            : Problems.NotFound("request", requestId);
    }

    /// <summary>The request as soon as it is completed, or as it is after the wait; null where it is unknown.</summary>
    private async Task<RequestAnswer?> AwaitAnswer(string requestId, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var started = clock.GetTimestamp();
        while (true)
        {
            var changed = view.Changed;
            var answer = view.Request(requestId);
            var left = wait - clock.GetElapsedTime(started);
            if (answer is null || answer.Status == RequestStatus.Completed || left <= TimeSpan.Zero || stopping.IsCancellationRequested)
                return answer;
            try
            {
                await changed.WaitAsync(left, clock, ending.Token);
            }
            catch (Exception exception) when (exception is TimeoutException || stopping.IsCancellationRequested)
            {
                // The next look is the last one.
            }
        }
    }

    private static string? Header(HttpContext context, string name, string? standard, List<Violation> violations)
    {
        if (!context.Request.Headers.TryGetValue(name, out var values))
            return standard;
        if (values.Count == 1 && Identifier.IsValid(values[0]))
            return values[0];
        violations.Add(new Violation(name, $"'{values}'", Identifier.Expected));
        return standard;
    }

    private static string Shown(ControlRequest request) => request switch
    {
        AdjustRequest adjust => $"{adjust.Size} for {adjust.HoldFor}",
        HoldRequest hold => $"hold for {hold.HoldFor}",
        _ => request.GetType().Name,
    };
}
