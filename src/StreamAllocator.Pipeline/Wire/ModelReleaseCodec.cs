using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>ModelRelease</c>.</summary>
public static class ModelReleaseCodec
{
    public static void WriteFields(ProtoWriter writer, ModelRelease release)
    {
        writer.Text(1, release.ModelId);
        writer.Text(2, release.JobClass);
        writer.Int64(3, release.Version);
        writer.Int64(4, release.Effective.UnixMilliseconds);
        writer.Int64(5, (int)release.Role);
        WriteSmoothing(writer, 6, release.Smoothing);
        writer.Double(7, release.ValidationLoss);
        writer.Double(8, release.ReplacedLoss);
        writer.Int64(9, release.TrainingWindows);
        writer.Text(10, release.Cause);
        foreach (var earlier in release.Earlier)
            WriteSmoothing(writer, 11, earlier);
    }

    public static ModelRelease Read(ProtoReader reader)
    {
        var (id, jobClass, cause) = ("", "", "");
        var (version, effective, windows) = (0L, 0L, 0L);
        var (role, smoothing) = (ModelRole.Champion, default(SmoothingParameters));
        var (loss, replaced) = (0.0, 0.0);
        var earlier = new List<SmoothingParameters>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    id = reader.Text();
                    break;
                case 2:
                    jobClass = reader.Text();
                    break;
                case 3:
                    version = reader.Int64();
                    break;
                case 4:
                    effective = reader.Int64();
                    break;
                case 5:
                    role = (ModelRole)reader.Int32();
                    break;
                case 6:
                    smoothing = ReadSmoothing(reader.Message());
                    break;
                case 7:
                    loss = reader.Double();
                    break;
                case 8:
                    replaced = reader.Double();
                    break;
                case 9:
                    windows = reader.Int64();
                    break;
                case 10:
                    cause = reader.Text();
                    break;
                case 11:
                    earlier.Add(ReadSmoothing(reader.Message()));
                    break;
            }
        }

        return new ModelRelease(id, jobClass, version, new EventTime(effective), role, smoothing, loss, replaced, windows, cause)
        {
            Earlier = earlier,
        };
    }

    private static void WriteSmoothing(ProtoWriter writer, int field, in SmoothingParameters smoothing)
    {
        var mark = writer.Begin(field);
        writer.Float(1, smoothing.Alpha);
        writer.Float(2, smoothing.Beta);
        writer.Float(3, smoothing.Damping);
        writer.Float(4, smoothing.Gamma);
        writer.Float(5, smoothing.HalfLifeWindows);
        writer.End(mark);
    }

    private static SmoothingParameters ReadSmoothing(ProtoReader reader)
    {
        var smoothing = default(SmoothingParameters);
        while (reader.Next())
        {
            smoothing = reader.Field switch
            {
                1 => smoothing with { Alpha = reader.Float() },
                2 => smoothing with { Beta = reader.Float() },
                3 => smoothing with { Damping = reader.Float() },
                4 => smoothing with { Gamma = reader.Float() },
                5 => smoothing with { HalfLifeWindows = reader.Float() },
                _ => smoothing,
            };
        }

        return smoothing;
    }
}
