using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Ingest.Telemetry;

/// <summary>Reads <c>Telemetry</c> of telemetry.proto from its bytes, sample by sample, without an object for any of them.</summary>
internal static class TelemetryProto
{
    private const int Samples = 1;
    private const int Heartbeat = 2;
    private const int Source = 3;

    /// <summary>Walks the outermost fields, so that a message cut short is refused whole before any of its samples counts.</summary>
    /// <exception cref="WireFormatException">Not a Telemetry message.</exception>
    public static TelemetryFrame CheckFrame(ReadOnlySpan<byte> message)
    {
        var frame = default(TelemetryFrame);
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            if (reader.Field == Samples)
                reader.Bytes();
            else if (reader.Field == Heartbeat)
                frame = frame with { Heartbeat = ReadHeartbeat(reader.Message()) };
            else if (reader.Field == Source)
                frame = frame with { Source = TelemetryFrame.SourceOf(reader.Bytes()) };
        }

        return frame;
    }

    /// <summary>Moves to the next sample; false after the last.</summary>
    public static bool NextSample(ref ProtoReader message, out ReadOnlySpan<byte> sample)
    {
        while (message.Next())
        {
            if (message.Field == Samples)
            {
                sample = message.Bytes();
                return true;
            }
        }

        sample = default;
        return false;
    }

    /// <exception cref="WireFormatException">Not a UsageSample.</exception>
    public static void ReadSample(ReadOnlySpan<byte> sample, SampleFields into, StringPool names)
    {
        into.Clear();
        var reader = new ProtoReader(sample);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    into.SetVmId(reader.Bytes());
                    break;
                case 2:
                    into.EventTime = reader.Int64();
                    break;
                case 3:
                    into.IntervalMilliseconds = reader.Int64();
                    break;
                case >= 4 and <= 10:
                    into.Set(reader.Field - 4, reader.Double());
                    break;
                case 11:
                    into.Set(SampleFields.CpuPercent, reader.Double());
                    break;
                case >= 12 and <= 14:
                    into.SetCounter(reader.Field - 12, (ulong)reader.Int64());
                    break;
                case 15:
                    into.Set(SampleFields.ThrottledRatio, reader.Double());
                    break;
                case 16:
                    ReadMetric(reader.Message(), into, names);
                    break;
                case 17:
                    into.Sequence = (ulong)reader.Int64();
                    break;
            }
        }
    }

    private static void ReadMetric(ProtoReader reader, SampleFields into, StringPool names)
    {
        var name = ReadOnlySpan<byte>.Empty;
        var value = 0.0;
        while (reader.Next())
        {
            if (reader.Field == 1)
                name = reader.Bytes();
            else if (reader.Field == 2)
                value = reader.Double();
        }

        into.AddMetric(name, value, names);
    }

    private static long ReadHeartbeat(ProtoReader reader)
    {
        var time = 0L;
        while (reader.Next())
        {
            if (reader.Field == 1)
                time = reader.Int64();
        }

        return time;
    }
}
