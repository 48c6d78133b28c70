using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamAllocator.Domain;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Views;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Server.Routes;

/// <summary>predict_load.</summary>
internal static class ForecastRoutes
{
    public static readonly TimeSpan ShortestHorizon = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongestHorizon = TimeSpan.FromMinutes(60);

    public static void Map(IEndpointRouteBuilder routes, FleetView view, Func<EventTime> now) =>
        routes.MapGet("/v1/vms/{vm_id}/forecast", (string vm_id, string? horizon, HttpRequest request) =>
            {
                var query = new Query(request);
                var span = query.Duration("horizon", TimeSpan.FromMinutes(30), ShortestHorizon, LongestHorizon);
                var vmId = PathSegment.Unescape(vm_id);
                if (query.Violations.Count > 0)
                    return Problems.Invalid(query.Violations);
                if (!view.HasVm(vmId))
                    return Problems.NotFound("vm", vmId);
                return view.Forecast(vmId) is { } encoded
                    ? Results.Ok(Answer(Wire.Forecast.Parser.ParseFrom(encoded), span, now()))
                    : Problems.Of(
                        StatusCodes.Status404NotFound, "No forecast yet", $"VM '{vmId}' is known; its first window has not been closed yet");
            })
            .WithName("predict_load")
            .WithSummary("Demand of a VM over the next 5 to 60 minutes (predict_load): mean, standard deviation and quantiles per lead time.")
            .Produces<ForecastAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private static ForecastAnswer Answer(Wire.Forecast forecast, TimeSpan horizon, EventTime now)
    {
        var origin = new EventTime(forecast.OriginMs);
        var window = TimeSpan.FromMilliseconds(forecast.WindowMs);
        var leads = Math.Min((int)Math.Ceiling(horizon / window), Horizon.Leads);
        // The newest known sample lies so many windows before the origin; the origin lies so far in the past.
        var age = (now - origin) + forecast.DataAgeWindows * window;
        return new ForecastAnswer(
            forecast.VmId,
            Json.Time(origin),
            window.TotalMinutes,
            (leads * window).TotalMinutes,
            forecast.ModelVersion,
            Math.Max(0, age.TotalSeconds),
            forecast.DataAgeWindows,
            forecast.Warming,
            forecast.Levels,
            [.. Enumerable.Range(0, leads).Select(lead => Row(forecast, lead, Json.Time(origin + (lead + 1) * window)))],
            new DwellMaximumAnswer(
                Dwell(forecast, Resource.Cpu),
                Dwell(forecast, Resource.Memory),
                Dwell(forecast, Resource.Disk),
                Dwell(forecast, Resource.Network)));
    }

    private static ForecastRow Row(Wire.Forecast forecast, int lead, DateTime timestamp)
    {
        return new ForecastRow(
            timestamp,
            At(Resource.Cpu, of => of.Mean),
            At(Resource.Cpu, of => of.Stddev),
            At(Resource.Memory, of => of.Mean),
            At(Resource.Memory, of => of.Stddev),
            At(Resource.Disk, of => of.Mean),
            At(Resource.Disk, of => of.Stddev),
            At(Resource.Network, of => of.Mean),
            At(Resource.Network, of => of.Stddev),
            Quantiles(Resource.Cpu),
            Quantiles(Resource.Memory),
            Quantiles(Resource.Disk),
            Quantiles(Resource.Network));

        float? At(Resource resource, Func<Wire.ResourceForecast, IList<float>> column) =>
            Of(forecast, resource) is { } known && lead < column(known).Count ? Json.Number(column(known)[lead]) : null;

        float?[]? Quantiles(Resource resource)
        {
            var levels = forecast.Levels.Count;
            return Of(forecast, resource) is { } known && (lead + 1) * levels <= known.Quantiles.Count
                ? Numbers(known.Quantiles.Skip(lead * levels).Take(levels))
                : null;
        }
    }

    private static DwellQuantiles? Dwell(Wire.Forecast forecast, Resource resource) =>
        Of(forecast, resource) is { DwellMax1H.Count: > 0 } known ? new DwellQuantiles(Numbers(known.DwellMax1H), Numbers(known.DwellMax15M)) : null;

    private static float?[] Numbers(IEnumerable<float> values) => [.. values.Select(Json.Number)];

    private static Wire.ResourceForecast? Of(Wire.Forecast forecast, Resource resource) =>
        (int)resource < forecast.Resources.Count ? forecast.Resources[(int)resource] : null;
}
