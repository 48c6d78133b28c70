using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamAllocator.Kafka.Native;

/// <summary>
/// Ends a wait when one of the queues it listens to gets something. librdkafka calls once when an empty queue fills, on a thread of its own;
/// whoever waits has seen every queue empty since it last woke.
/// </summary>
internal sealed unsafe class Wakeup : IDisposable
{
    private readonly AutoResetEvent _filled = new(false);
    private GCHandle _self;

    public Wakeup() => _self = GCHandle.Alloc(this);

    public void ListenTo(nint queue) => Librdkafka.OnFilled(queue, &Filled, GCHandle.ToIntPtr(_self));

    /// <summary>Once it returns no call is under way, for librdkafka calls under the queue's lock.</summary>
    public static void Ignore(nint queue) => Librdkafka.OnFilled(queue, null, 0);

    public bool Wait(TimeSpan wait) => _filled.WaitOne(wait);

    /// <summary>Every queue has been ignored before.</summary>
    public void Dispose()
    {
        _self.Free();
        _filled.Dispose();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Filled(nint client, nint wakeup) => ((Wakeup)GCHandle.FromIntPtr(wakeup).Target!)._filled.Set();
}
