using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Server.Access;
using StreamAllocator.Server.Events;
using StreamAllocator.Server.Requests;
using StreamAllocator.Server.Routes;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server;

/// <summary>
/// The HTTP API over the topics of a log: it shows what they say, and writes people's requests to one of them. It decides nothing, and lives in
/// any process that has the log.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private const int LargestBody = 64 * 1024;

    /// <summary>The runtime's own meter, and what of it an operator watches.</summary>
    private const string RuntimeMeter = "System.Runtime";

    private static readonly string[] RuntimeInstruments = ["dotnet.process.memory.working_set", "dotnet.process.cpu.time"];

    private readonly ServerOptions _options;
    private readonly ILogger _logger;
    private readonly FleetView _view;
    private readonly ViewReader _reader;
    private readonly RequestWriter _writer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private bool _stopped;

    /// <param name="log">With the topics created; stays its owner's.</param>
    /// <param name="metrics">Fed with what the topics say; published at <c>/metrics</c>.</param>
    /// <param name="clock">The wall clock; the system's where null.</param>
    /// <exception cref="ArgumentException">The options are not valid; the message names every violation.</exception>
    /// <exception cref="LogException">A topic is missing.</exception>
    public ApiServer(
        IEventLog log,
        Topics topics,
        ServerOptions options,
        AllocatorMetrics metrics,
        ILoggerFactory? loggers = null,
        TimeProvider? clock = null)
    {
        if (options.Validate() is { Count: > 0 } violations)
            throw new ArgumentException(string.Join(Environment.NewLine, violations), nameof(options));
        loggers ??= NullLoggerFactory.Instance;
        clock ??= TimeProvider.System;
        _options = options;
        _logger = loggers.CreateLogger<ApiServer>();
        _view = new FleetView(topics, options, metrics);
        _reader = new ViewReader(log, topics, options, _view, metrics, _logger);
        _writer = new RequestWriter(log, topics, options, _view, _logger);
        EventTime Now() => options.DrivenTime && _view.Newest != EventTime.Unknown ? _view.Newest : EventTime.From(clock.GetUtcNow());
        metrics.ObserveRecords(() => Records(log, topics));
        _app = Build(loggers);
        Guard(new AccessRule(options.Token));
        ForecastRoutes.Map(_app, _view, Now);
        VmRoutes.Map(_app, _view, new DecisionHistory(log, topics), options);
        new RequestRoutes(_view, _writer, options, Now, clock, _stopping.Token).Map(_app);
        EventRoutes.Map(_app, new EventFeed(log, topics, options, _view), _stopping.Token);
        HealthRoutes.Map(_app, _view, _reader);
        _app.MapPrometheusScrapingEndpoint("/metrics");
        _app.MapOpenApi();
        _app.MapGet("/", () => TypedResults.Redirect("/openapi/v1.json")).ExcludeFromDescription();
    }

    /// <summary>Where it listens, once started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Listens and begins to read the log; <c>/readyz</c> says when it has caught up.</summary>
    /// <exception cref="IOException">The address cannot be had: taken, or not this machine's.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new IOException(
                $"cannot listen on {_options.Address} port {_options.Port}: {exception.GetBaseException().Message}. Choose another port", exception);
        }

        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _reader.Start();
        ServerLog.Listening(_logger, Address);
    }

    /// <summary>Completes when the views hold what the log held at the start.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _view.Changed;
            if (_view.IsCurrent)
                return;
            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the event feeds and the waits, lets the other answers finish, and stops reading.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        _stopped = true;
        await _stopping.CancelAsync();
        await _app.StopAsync(cancellationToken);
        _reader.Dispose();
        _writer.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>Of the allocator's own topics: a log may hold those of replays, and a broker anybody's.</summary>
    private static IEnumerable<(string Topic, long Count)> Records(IEventLog log, Topics topics)
    {
        var own = topics.All(1, 1).Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        return log.Topics().Where(topic => own.Contains(topic.Name)).Select(topic => (topic.Name, topic.AllPartitions.Sum(log.EndOffset)));
    }

    private WebApplication Build(ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "StreamAllocator" });
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Listen(_options.IpAddress, _options.Port);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));
        builder.Services.AddOpenApi("v1", ApiDocument.Configure);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("streamallocator", autoGenerateServiceInstanceId: false))
            .WithMetrics(meters => meters
                .AddMeter(AllocatorMetrics.MeterName, RuntimeMeter)
                .AddView(instrument => instrument.Meter.Name == RuntimeMeter && !RuntimeInstruments.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null)
                .AddPrometheusExporter());
        return builder.Build();
    }

    private void Guard(AccessRule access)
    {
        _app.UseExceptionHandler();
        _app.UseStatusCodePages();
        _app.Use(async (context, next) =>
        {
            var refusal = access.Refuse(context)
                ?? (context.Request.Path.StartsWithSegments("/v1") ? HealthRoutes.NotReady(_view, _reader) : null);
            if (refusal is null)
                await next(context);
            else
                await refusal.ExecuteAsync(context);
        });
    }
}
