using System.Buffers;
using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Execution;

/// <summary>
/// What grants VMs their size. A target is absolute. A request may stall, finish partly or finish late; only what is read back is true.
/// Belongs to one thread. An adapter retries what may be retried itself: a failure that remains is an answer, never an exception.
/// </summary>
public interface IHypervisor
{
    /// <summary>
    /// Finds the VM that a command means and looks at it; false if there is none. A hypervisor without an inventory of its own (the
    /// simulated one) takes a VM that it meets for the first time to have the size that the command expects.
    /// </summary>
    bool TryFind(ResizeCommand command, out VmReading reading);

    /// <summary>Looks at a VM that was found before; false if it is gone.</summary>
    bool TryRead(string vmId, out VmReading reading);

    /// <summary>
    /// Asks for the command's target and returns at once; a request still under way for the same VM is replaced. A revision that is not
    /// newer than the last one begun for the VM changes nothing, so that a command folded again after a crash is not carried out twice.
    /// </summary>
    /// <param name="now">Event time of the request.</param>
    ResizeAnswer Resize(ResizeCommand command, EventTime now);

    /// <summary>Event time goes on to <paramref name="to"/>; where the hypervisor is a real one its own time has done so already.</summary>
    void Advance(EventTime to);

    /// <summary>Hears what was published of a VM last, after a crash: one that dies with its process takes it over, a real one knows better.</summary>
    void Recall(Allocation published);

    /// <summary>Writes what it knows that only it knows; empty where the VMs are real ones.</summary>
    void Save(IBufferWriter<byte> to);

    /// <summary>Takes over what was saved, before it is asked anything.</summary>
    void Load(ReadOnlySpan<byte> from);
}

/// <param name="Begun">Whether the request is under way; its end is read back.</param>
/// <param name="IsDryRun">It would have begun, but this hypervisor applies nothing.</param>
/// <param name="Detail">Why it did not begin, for people.</param>
public readonly record struct ResizeAnswer(bool Begun, bool IsDryRun = false, string Detail = "");
