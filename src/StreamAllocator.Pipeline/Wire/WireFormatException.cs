namespace StreamAllocator.Pipeline.Wire;

/// <summary>Bytes that are not the Protobuf message they were announced as; the message says where and what was expected.</summary>
public sealed class WireFormatException(string message) : Exception(message);
