using InfluxDB.Client.Api.Domain;
using InfluxDB.Client.Writes;

namespace StreamAllocator.History.Points;

/// <summary>A point being made. What is not there (an empty text, a number that is not finite) is left out of it.</summary>
internal sealed class Point(string measurement)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>InfluxDB's range of times, in nanoseconds of an Int64: 1677-09-21 to 2262-04-11.</summary>
    private const long LatestMs = (long.MaxValue - 1) / NanosecondsPerMillisecond - 1;

    private readonly PointData.Builder _builder = PointData.Builder.Measurement(measurement);

    public Point Tag(string name, string value)
    {
        // The line protocol cannot tell a backslash at the end, or before a mark of its own, from an escape of what follows.
        if (value.EndsWith('\\') || value.Contains("\\,", StringComparison.Ordinal) || value.Contains("\\=", StringComparison.Ordinal)
            || value.Contains("\\ ", StringComparison.Ordinal))
            throw new PointException($"{name} '{value}': InfluxDB has no tag with a backslash at its end or before a comma, a blank or an equals sign");
        _builder.Tag(name, value);
        return this;
    }

    public Point Field(string name, float value)
    {
        if (float.IsFinite(value))
            _builder.Field(name, value);
        return this;
    }

    public Point Field(string name, double value)
    {
        if (double.IsFinite(value))
            _builder.Field(name, value);
        return this;
    }

    public Point Field(string name, long value)
    {
        _builder.Field(name, value);
        return this;
    }

    public Point Field(string name, bool value)
    {
        _builder.Field(name, value);
        return this;
    }

    public Point Field(string name, string value)
    {
        if (value.Length > 0)
            _builder.Field(name, value);
        return this;
    }

    /// <summary>Ends the point and adds its line; a point without a field is none.</summary>
    /// <param name="sequence">
    /// Of events, of which a VM may have several within a millisecond: sets them apart in the nanoseconds, the same each time they are written.
    /// </param>
    public void At(long unixMilliseconds, List<string> lines, long sequence = 0)
    {
        if (unixMilliseconds is < -LatestMs or > LatestMs)
            throw new PointException(FormattableString.Invariant($"time {unixMilliseconds} ms: InfluxDB has 1677 to 2262"));
        if (!_builder.HasFields())
            return;
        var time = (unixMilliseconds * NanosecondsPerMillisecond) + (sequence % NanosecondsPerMillisecond);
        lines.Add(_builder.Timestamp(time, WritePrecision.Ns).ToPointData().ToLineProtocol());
    }
}
