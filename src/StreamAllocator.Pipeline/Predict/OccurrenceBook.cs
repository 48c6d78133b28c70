using System.Buffers;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Pipeline.Predict;

/// <summary>Dated calendar events that are on or to come, by start, then schedule.</summary>
internal sealed class OccurrenceBook
{
    /// <summary>An event is a feature from so long before its start.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    private readonly List<Occurrence> _occurrences = [];

    /// <summary>Takes an event in; one that is known already is passed over.</summary>
    public void Add(Occurrence occurrence)
    {
        var at = _occurrences.FindIndex(known => Compare(known, occurrence) >= 0);
        if (at < 0)
            _occurrences.Add(occurrence);
        else if (Compare(_occurrences[at], occurrence) != 0)
            _occurrences.Insert(at, occurrence);
    }

    /// <summary>The events that touch the window or start within the next hour, for those that they concern.</summary>
    public void Find(VmSpec vm, EventTime start, EventTime end, List<Occurrence> into)
    {
        into.Clear();
        foreach (var occurrence in _occurrences)
        {
            if (occurrence.Start >= end + Ahead)
                break;
            if (occurrence.Start + occurrence.Duration > start && occurrence.Concerns(vm))
                into.Add(occurrence);
        }
    }

    /// <summary>Forgets what is over.</summary>
    public void Forget(EventTime before) => _occurrences.RemoveAll(occurrence => occurrence.Start + occurrence.Duration <= before);

    public void Save(IBufferWriter<byte> to) => new StateWriter(to).Messages(_occurrences, OccurrenceCodec.WriteFields);

    public void Load(ReadOnlySpan<byte> from)
    {
        var state = new StateReader(from);
        _occurrences.AddRange(state.Messages(OccurrenceCodec.Read));
    }

    private static int Compare(Occurrence left, Occurrence right)
    {
        var byStart = left.Start.CompareTo(right.Start);
        return byStart != 0 ? byStart : string.CompareOrdinal(left.ScheduleId, right.ScheduleId);
    }
}
