using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Server.Contract;
using StreamAllocator.Server.Views;

namespace StreamAllocator.Server.Requests;

/// <summary>Writes people's requests to the log, one transaction each. Thread-safe.</summary>
internal sealed class RequestWriter(
    IEventLog log, Topics topics, ServerOptions options, FleetView view, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _transactionalId = $"streamallocator-server-{options.Name}";
    private readonly OutputBatch _outputs = new();
    private readonly ProtoWriter _writer = new();
    private ILogProducer? _producer;

    /// <summary>The id of a request: of its idempotency key, the same for every repetition, or a new one.</summary>
    public static string IdOf(string target, RequestKindAnswer kind, string? idempotencyKey)
    {
        var seed = idempotencyKey is null
            ? RandomNumberGenerator.GetBytes(32)
            : SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{target}\n{idempotencyKey}"));
        return "r-" + Convert.ToHexStringLower(seed.AsSpan(0, 16));
    }

    /// <summary>
    /// Writes a request, unless one of its id is known already: then that one stands, and is returned.
    /// </summary>
    /// <exception cref="LogException">It was not written, or (<see cref="LogOutcomeUnknownException"/>) perhaps.</exception>
    public ControlRequest Write(ControlRequest request)
    {
        lock (_gate)
        {
            if (view.FindRequest(request.RequestId) is { } known)
                return known;
            Commit(() => Append(request));
            view.Note(request);
            ServerLog.Requested(
                logger, request.RequestId, request.RequestedBy, request.GetType().Name, request.VmId.Length > 0 ? request.VmId : request.PoolId);
            return request;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Close();
            _outputs.Dispose();
        }
    }

    /// <summary>Asks the trainer for something, under the key of the model.</summary>
    /// <exception cref="LogException">It was not written, or (<see cref="LogOutcomeUnknownException"/>) perhaps.</exception>
    public void Write(RetrainingRequest request)
    {
        lock (_gate)
        {
            Commit(() =>
            {
                RetrainingRequestCodec.WriteFields(_writer, request);
                _outputs.Append(
                    new TopicPartition(topics.Retraining, 0), request.Time, Encoding.UTF8.GetBytes(request.ModelId), SchemaHeaders.RetrainingRequest,
                    _writer.Written);
            });
        }
    }

    private void Commit(Action append)
    {
        try
        {
            CommitOnce(append);
        }
        catch (LogFencedException)
        {
            // A server of the same name took the producer's id: nothing was committed, and the id is taken back.
            Close();
            CommitOnce(append);
        }
        catch (LogException)
        {
            Close();
            throw;
        }
    }

    private void CommitOnce(Action append)
    {
        _producer ??= log.OpenProducer(_transactionalId);
        _writer.Clear();
        _outputs.Clear();
        append();
        _producer.Send(_outputs);
        _producer.Commit(null, []);
    }

    private void Append(ControlRequest request)
    {
        ControlRequestCodec.WriteFields(_writer, request);
        var key = Encoding.UTF8.GetBytes(request.VmId.Length > 0 ? request.VmId : request.PoolId);
        _outputs.Append(new TopicPartition(topics.Requests, 0), request.EventTime, key, SchemaHeaders.ControlRequest, _writer.Written);
    }

    private void Close()
    {
        _producer?.Dispose();
        _producer = null;
    }
}
