using System.Net;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Core.Exceptions;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace StreamAllocator.History;

/// <summary>
/// A bucket of InfluxDB. Whatever an outage is made of (no connection, no answer, overload, a token that is refused from some moment on) a
/// write is tried again, ever more slowly, until it is acknowledged. One call at a time.
/// </summary>
internal sealed class InfluxStore : IDisposable
{
    /// <summary>A comment: a request without a point tests address, organisation, bucket and token by the one right that writing needs.</summary>
    private const string NoPoint = "# may this be written?";

    /// <summary>InfluxDB repeats the line that it refuses; the record is in dead-letter in full.</summary>
    private const int LongestCause = 500;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly HistoryOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly InfluxDBClient _client;
    private readonly WriteApiAsync _writes;
    private readonly ResiliencePipeline _untilAnswered;
    private (long Begun, HttpStatusCode Status)? _outage;
    private bool _toldOfExpiry;

    public InfluxStore(HistoryOptions options, ILogger logger, TimeProvider clock)
    {
        (_options, _logger, _clock) = (options, logger, clock);
        var connection = new InfluxDBClientOptions(options.Url!) { Org = options.Org, Bucket = options.Bucket, Timeout = options.Timeout };
        if (options.Token is not null)
            connection.Token = options.Token;
        _client = new InfluxDBClient(connection);
        _client.EnableGzip();
        _writes = _client.GetWriteApiAsync();
        _untilAnswered = new ResiliencePipelineBuilder { TimeProvider = clock }.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstDelay,
            MaxDelay = LongestDelay,
            UseJitter = true,
            ShouldHandle = attempt => ValueTask.FromResult(IsOutage(attempt.Outcome.Exception, attempt.Context.CancellationToken)),
            DelayGenerator = attempt => ValueTask.FromResult(AskedDelay(attempt.Outcome.Exception)),
            OnRetry = attempt => Tell(attempt.Outcome.Exception!),
        }).Build();
    }

    /// <summary>Asks whether the bucket may be written to. A server that does not answer is no refusal: the first write waits for it.</summary>
    /// <exception cref="HistoryException">It may not.</exception>
    public async Task Check(CancellationToken cancellationToken)
    {
        try
        {
            await Send([NoPoint], cancellationToken).ConfigureAwait(false);
        }
        catch (HttpException refusal) when (refusal.Status is >= 400 and < 500 and not (408 or 429))
        {
            var setting = (HttpStatusCode)refusal.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " (History.Token)" : "";
            throw new HistoryException($"{_options}: {refusal.Message}{setting}");
        }
        catch (Exception outage) when (IsOutage(outage, cancellationToken))
        {
            await Tell(outage).ConfigureAwait(false);
        }
    }

    /// <summary>Returns once InfluxDB has taken the lines (null) or refused at least one of them: then the reason.</summary>
    public async Task<string?> Write(List<string> lines, CancellationToken cancellationToken)
    {
        try
        {
            await _untilAnswered.ExecuteAsync(async cancellation => await Send(lines, cancellation).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpException refusal) when (IsRefusal(refusal))
        {
            if (!IsExpiry(refusal))
                return refusal.Message.Length <= LongestCause ? refusal.Message : refusal.Message[..LongestCause] + "…";
            if (!_toldOfExpiry)
                _logger.Expired(_options, refusal.Message);
            _toldOfExpiry = true;
        }

        if (_outage is { } outage)
            _logger.Available(_options, TimeSpan.FromSeconds(Math.Round(_clock.GetElapsedTime(outage.Begun).TotalSeconds)));
        _outage = null;
        return null;
    }

    public void Dispose() => _client.Dispose();

    private async Task Send(List<string> lines, CancellationToken cancellationToken)
    {
        try
        {
            await _writes.WriteRecordsAsync(lines, WritePrecision.Ns, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (HttpException) when (cancellationToken.IsCancellationRequested)
        {
            // The client tells a request that we gave up as one that failed.
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Something about these very lines, which no waiting mends.</summary>
    private static bool IsRefusal(HttpException exception) => (HttpStatusCode)exception.Status
        is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity;

    /// <summary>The bucket keeps points for a shorter time than these are old; all others of the request were written.</summary>
    private static bool IsExpiry(HttpException exception) =>
        exception.Status == (int)HttpStatusCode.UnprocessableEntity && exception.Message.Contains("retention policy", StringComparison.OrdinalIgnoreCase);

    private static bool IsOutage(Exception? exception, CancellationToken cancellationToken) => exception switch
    {
        HttpException failed => !IsRefusal(failed),
        HttpRequestException or TimeoutException => true,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    private static TimeSpan? AskedDelay(Exception? exception) =>
        exception is HttpException { RetryAfter: > 0 and var seconds } ? TimeSpan.FromSeconds(Math.Min(seconds, 60)) : null;

    /// <summary>Once for each kind of failure within an outage.</summary>
    private ValueTask Tell(Exception exception)
    {
        var status = (HttpStatusCode)((exception as HttpException)?.Status ?? 0);
        if (_outage?.Status != status)
            _logger.Unavailable(_options, exception is OperationCanceledException ? $"no answer within {_options.Timeout}" : exception.Message);
        _outage = (_outage?.Begun ?? _clock.GetTimestamp(), status);
        return ValueTask.CompletedTask;
    }
}
