using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace StreamAllocator.Server;

/// <summary>What the OpenAPI document says beyond the routes.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) => Complete(document));
        options.AddOperationTransformer((operation, context, _) => AddHeaders(operation, context.Description.HttpMethod));
    }

    private static Task Complete(OpenApiDocument document)
    {
        document.Info.Title = "StreamAllocator";
        document.Info.Description =
            "Forecasts of the demand of virtual machines, and the decisions made on them. Memory is in GiB (2^30 bytes) throughout: memory_gb and "
            + "memory_gib are the same unit. Times are UTC. Errors are RFC 9457 problem details; their member errors lists each field with what was "
            + "found and what was expected.";
        document.Paths["/metrics"] = new OpenApiPathItem
        {
            Operations = new Dictionary<HttpMethod, OpenApiOperation>
            {
                [HttpMethod.Get] = new()
                {
                    OperationId = "metrics",
                    Summary = "Counters and times in the text format of Prometheus.",
                    Responses = new OpenApiResponses { ["200"] = new OpenApiResponse { Description = "OK" } },
                },
            },
        };
        return Task.CompletedTask;
    }

    private static Task AddHeaders(OpenApiOperation operation, string? method)
    {
        if (operation.OperationId == "events")
            AddHeader(operation, "Last-Event-ID", "Id of the last event received: the feed goes on behind it.");
        if (method is not "GET")
        {
            AddHeader(operation, "Idempotency-Key", "Repetitions under one key, 1 to 200 printable characters, are one request.");
            AddHeader(operation, "X-Requested-By", "Who asks, for the record; 'api' where it is left out.");
        }

        return Task.CompletedTask;
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
