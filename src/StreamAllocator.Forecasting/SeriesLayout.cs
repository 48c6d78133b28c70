using System.Runtime.InteropServices;
using StreamAllocator.Forecasting.Calibration;
using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Scoring;
using StreamAllocator.Forecasting.Selection;

namespace StreamAllocator.Forecasting;

/// <summary>Where each part of one series' state stands in its span of floats.</summary>
internal sealed class SeriesLayout
{
    public const int HeaderFloats = 6;

    private readonly List<StatePart> _parts = [];

    public SeriesLayout(ExpertPanel panel, ExpertWeights weights, int windowsPerDay)
    {
        Add("header", HeaderFloats);
        History = Add("values of the last day", (windowsPerDay + 1) / 2);
        Experts = Total;
        foreach (var (name, floats) in panel.Parts())
            Add("expert " + name, floats);
        Losses = Add("expert losses", weights.StateFloats);
        Spread = Add("conformal spread", ConformalSpread.Floats);
        Tail = Add("tail sketch", TailSketch.Floats);
        Dwell = Add("dwell maximum", DwellMaximum.Floats);
        Pending = Add("served forecasts waiting for their actual", PendingForecasts.Floats);
    }

    public int History { get; }

    public int Experts { get; }

    public int Losses { get; }

    public int Spread { get; }

    public int Tail { get; }

    public int Dwell { get; }

    public int Pending { get; }

    /// <summary>Floats of one series.</summary>
    public int Total { get; private set; }

    public IReadOnlyList<StatePart> Parts => _parts;

    public static Span<ushort> Words(Span<float> floats) => MemoryMarshal.Cast<float, ushort>(floats);

    private int Add(string name, int floats)
    {
        var offset = Total;
        _parts.Add(new StatePart(name, floats * sizeof(float)));
        Total += floats;
        return offset;
    }
}

/// <summary>A part of the state and its bytes.</summary>
public readonly record struct StatePart(string Name, int Bytes);
