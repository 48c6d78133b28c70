using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Ingest.Agent;

/// <summary>
/// What was measured and is not yet published, in order. A sample is accepted once it is on the disk: from then on it survives its process, and is
/// published, unless the buffer is full first. While the disk takes nothing, samples wait in memory, and those are published without a number.
/// Thread-safe.
/// </summary>
public sealed class SampleBuffer : IDisposable
{
    /// <summary>Samples on the disk: a day of them at ten seconds, some 3 MB.</summary>
    public const int Capacity = 8_640;

    /// <summary>Samples that wait in memory while the disk takes none: an hour of them at ten seconds.</summary>
    public const int MemoryCapacity = 360;

    private readonly Lock _gate = new();
    private readonly Func<IEventLog> _open;
    private readonly Action<string> _report;
    private readonly Queue<BufferedSample> _inMemory = new();
    private SampleStore? _store;
    private BufferedSample? _next;
    private (long Added, int Samples)? _unknown;
    private long _givenUpEarlier;
    private bool _failing;

    /// <param name="open">Opens the log that keeps the samples; again where that broke.</param>
    /// <param name="report">Takes what went wrong and what became of it, a line each.</param>
    /// <exception cref="LogException">It cannot be opened now.</exception>
    public SampleBuffer(Func<IEventLog> open, Action<string> report)
    {
        _open = open;
        _report = report;
        _store = new SampleStore(open(), Capacity);
        Source = _store.Source;
    }

    /// <summary>What an embedded log must sync for it.</summary>
    public static IReadOnlyCollection<string> SyncedTopics => SampleStore.Topics;

    /// <summary>Who numbers its samples.</summary>
    public string Source { get; private set; }

    /// <summary>How many samples wait, and the event time of the oldest; unknown where none does.</summary>
    public (long Waiting, EventTime Oldest) State
    {
        get
        {
            lock (_gate)
            {
                var waiting = (_store?.Waiting ?? 0) + _inMemory.Count + (_next is { Number: 0 } ? 1 : 0);
                return (waiting, Head()?.Time ?? EventTime.Unknown);
            }
        }
    }

    /// <summary>Samples that went unpublished since the start, oldest first, since there was no room for them.</summary>
    public long GivenUp
    {
        get
        {
            lock (_gate)
                return _givenUpEarlier + (_store?.GivenUp ?? 0);
        }
    }

    /// <summary>Adds a sample; returns once it is on the disk or, where that takes nothing, in memory.</summary>
    /// <param name="fields">Those of a <c>UsageSample</c>, encoded.</param>
    public void Add(EventTime time, ReadOnlySpan<byte> fields)
    {
        lock (_gate)
        {
            _inMemory.Enqueue(new BufferedSample(0, time, fields.ToArray()));
            Store();
        }
    }

    /// <summary>The oldest; the same one until it is crossed off.</summary>
    internal BufferedSample? Next()
    {
        lock (_gate)
            return Head();
    }

    /// <summary>The oldest is published.</summary>
    internal void CrossOff()
    {
        lock (_gate)
        {
            var published = _next!;
            _next = null;
            try
            {
                if (published.Number > 0)
                    _store?.CrossOff(published);
            }
            catch (LogException failure)
            {
                // Crossed off with the next one; until then a restart publishes it again, under the same number.
                Fail(failure);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
            Close();
    }

    private BufferedSample? Head()
    {
        try
        {
            return _next ??= _store?.Read() ?? FromMemory();
        }
        catch (LogException failure)
        {
            Fail(failure);
            return _next ??= FromMemory();
        }
    }

    /// <summary>None while some of them may be on the disk after all.</summary>
    private BufferedSample? FromMemory() => _unknown is null && _inMemory.TryDequeue(out var oldest) ? oldest : null;

    private void Store()
    {
        try
        {
            var store = Open();
            _unknown = (store.Added, _inMemory.Count);
            store.Add(_inMemory);
            _unknown = null;
            _inMemory.Clear();
            if (_failing)
                _report("the buffer is on the disk again");
            _failing = false;
        }
        catch (LogException failure)
        {
            if (failure is not LogOutcomeUnknownException && _store is not null)
                _unknown = null;
            Fail(failure);
            if (_inMemory.Count <= MemoryCapacity)
                return;
            _inMemory.Dequeue();
            _givenUpEarlier++;
        }
    }

    private SampleStore Open()
    {
        if (_store is not null)
            return _store;
        _store = new SampleStore(_open(), Capacity);
        Source = _store.Source;
        // What an addition of unknown outcome brought to the disk has a number there.
        if (_unknown is { } unknown && _store.Added > unknown.Added)
        {
            for (var sample = 0; sample < unknown.Samples; sample++)
                _inMemory.Dequeue();
        }

        return _store;
    }

    private void Fail(LogException failure)
    {
        if (!_failing)
            _report($"{failure.Message}: samples wait in memory, up to {MemoryCapacity} of them, until it takes them again");
        _failing = true;
        if (failure is LogOutcomeUnknownException)
            Close();
    }

    private void Close()
    {
        _givenUpEarlier += _store?.GivenUp ?? 0;
        _store?.Dispose();
        _store = null;
    }
}
