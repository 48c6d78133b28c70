namespace StreamAllocator.History;

/// <summary>InfluxDB was reached and will not take this history: a wrong token, organisation or bucket. The message says which.</summary>
public sealed class HistoryException(string message) : IOException(message);
