namespace StreamAllocator.History.Points;

/// <summary>The record is a message of its schema, but no points can be made of it; the message says what was found and expected.</summary>
internal sealed class PointException(string message) : Exception(message);
