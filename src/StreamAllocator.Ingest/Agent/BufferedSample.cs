using StreamAllocator.Domain;

namespace StreamAllocator.Ingest.Agent;

/// <summary>A sample that waits to be published.</summary>
/// <param name="Number">Its number among the samples of its buffer, from 1 on; 0 where it never came to the disk, and so has none.</param>
/// <param name="Time">Its event time.</param>
/// <param name="Fields">Those of a <c>UsageSample</c>, encoded.</param>
internal sealed record BufferedSample(ulong Number, EventTime Time, byte[] Fields);
