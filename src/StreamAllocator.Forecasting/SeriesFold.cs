using System.Runtime.InteropServices;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting.Calibration;
using StreamAllocator.Forecasting.Experts;
using StreamAllocator.Forecasting.Scoring;
using StreamAllocator.Forecasting.Selection;
using StreamAllocator.Forecasting.Sketches;

namespace StreamAllocator.Forecasting;

/// <summary>The fold of one series over its closed windows: judge what was served, judge the experts, teach them, remember.</summary>
internal sealed class SeriesFold
{
    private const int MostKnown = 1 << 30;

    /// <summary>Share of the usual step that every spread has at least, where positions are counted in spreads.</summary>
    private const float LeastSpreadSteps = 0.1f;

    private const float ColdShare = 0.5f;
    private const float ColdLabels = Horizon.Leads;
    private const int ShiftLabels = 3;
    private const int WideWindows = 6;

    private readonly ExpertPanel _panel;
    private readonly ExpertWeights _weights;
    private readonly int _windowsPerDay;
    private readonly float _resolution;

    public SeriesFold(ForecastOptions options)
    {
        _windowsPerDay = options.WindowsPerDay;
        _resolution = options.Resolution;
        _panel = new ExpertPanel(_windowsPerDay);
        _weights = new ExpertWeights(_panel.Count, _windowsPerDay);
        Layout = new SeriesLayout(_panel, _weights, _windowsPerDay);
    }

    public SeriesLayout Layout { get; }

    public ReadOnlySpan<string> ExpertNames => _panel.Names;

    public static ref SeriesHeader Header(Span<float> series) =>
        ref MemoryMarshal.AsRef<SeriesHeader>(MemoryMarshal.AsBytes(series[..SeriesLayout.HeaderFloats]));

    /// <summary>Folds in the window; <paramref name="observed"/> without a usable mean is a missing one.</summary>
    public void Observe(
        Span<float> series, long window, in ResourceObservation observed, in SmoothingParameters parameters, int resource, ForecastErrors errors)
    {
        ref var header = ref Header(series);
        var known = float.IsFinite(observed.Mean) && observed.Mean >= 0;
        var value = Math.Min(observed.Mean, Float16.Largest);
        if (known && header.Count == 0)
            Start(series, ref header, window, value, parameters);
        else if (known)
            Learn(series, ref header, window, value, observed.Censored, parameters, resource, errors);
        if (header.Count == 0)
            return;
        var peak = !known ? float.NaN : float.IsFinite(observed.Max) ? Math.Max(observed.Max, value) : value;
        var dwell = series.Slice(Layout.Dwell, DwellMaximum.Floats);
        DwellMaximum.Observe(dwell, SeriesLayout.Words(dwell), window, peak, LeastSpread(header));
        if (known)
        {
            header.Step += header.Count > 1 ? (Math.Abs(value - header.Last) - header.Step) * Math.Max(1f / header.Count, 1f / _windowsPerDay) : 0;
            header.Last = value;
            header.Age = 0;
        }
        else if (header.Age < MostKnown)
        {
            header.Age++;
        }

        var ring = Ring(series);
        ring[Slot(window)] = Float16.Encode(header.Last);
        PendingForecasts.Forget(series[Layout.Pending..], window);
    }

    /// <summary>Serves the forecast at the newest window and keeps its deciles until their actuals come.</summary>
    public void Forecast(Span<float> series, long origin, Resource resource, VmForecast output)
    {
        ref var header = ref Header(series);
        if (header.Count == 0)
        {
            Clear(resource, output);
            return;
        }

        var history = new SeriesHistory(Ring(series), Slot(origin), header.Last);
        var experts = series.Slice(Layout.Experts, _panel.StateFloats);
        var losses = series.Slice(Layout.Losses, _weights.StateFloats);
        Span<float> knots = stackalloc float[LeadKnots.Count * _panel.Count];
        for (var knot = 0; knot < LeadKnots.Count; knot++)
            _weights.At(losses, knot, knots.Slice(knot * _panel.Count, _panel.Count));
        var pending = series[Layout.Pending..];
        var floor = LeastSpread(header);
        var ceiling = Ceiling(header);
        for (var lead = 1; lead <= Horizon.Leads; lead++)
        {
            var weights = output.Weights(resource, lead);
            Blend(knots, lead, weights);
            var quantiles = output.Quantiles(resource, lead);
            var served = quantiles[..QuantileLevels.DecileCount];
            _panel.Average(experts, history, new Query(origin, 0, lead), weights, served);
            ConformalSpread.Apply(series.Slice(Layout.Spread, ConformalSpread.Floats), lead, served);
            Guards.Widen(served, lead, header.Age, header.Shift < 0, LeastShare(header));
            Guards.Order(served, ceiling);
            PendingForecasts.Put(pending, origin, lead, served, ceiling);
            TailSketch.Extend(series.Slice(Layout.Tail, TailSketch.Floats), lead, Spread(served, floor), quantiles);
            Guards.Order(quantiles, ceiling);
            Moments.Derive(quantiles, out output.Mean(resource)[lead - 1], out output.StandardDeviation(resource)[lead - 1]);
        }

        ServeDwell(series, header, origin, resource, output);
        output.SetState(resource, true, _weights.Best(losses), header.Age);
    }

    private void ServeDwell(Span<float> series, in SeriesHeader header, long origin, Resource resource, VmForecast output)
    {
        var state = series.Slice(Layout.Dwell, DwellMaximum.Floats);
        for (var horizon = 0; horizon < DwellHorizons.Count; horizon++)
        {
            var centre = 0f;
            var upper = 0f;
            for (var lead = 1; lead <= DwellHorizons.Windows[horizon]; lead++)
            {
                var quantiles = output.Quantiles(resource, lead);
                centre = Math.Max(centre, quantiles[QuantileLevels.Median]);
                upper = Math.Max(upper, quantiles[QuantileLevels.DecileCount - 1]);
            }

            var target = output.DwellMaximum(resource, horizon);
            DwellMaximum.Serve(state, SeriesLayout.Words(state), origin, horizon, centre, upper - centre + LeastSpread(header), target);
            Guards.Order(target, Ceiling(header));
        }
    }

    private void Start(Span<float> series, ref SeriesHeader header, long window, float value, in SmoothingParameters parameters)
    {
        Ring(series).Fill(Float16.Encode(value));
        ConformalSpread.Start(series[Layout.Spread..]);
        TailSketch.Start(series.Slice(Layout.Tail, TailSketch.Floats));
        var dwell = series.Slice(Layout.Dwell, DwellMaximum.Floats);
        DwellMaximum.Start(dwell, SeriesLayout.Words(dwell));
        PendingForecasts.Start(series[Layout.Pending..]);
        var history = new SeriesHistory(Ring(series), Slot(window - 1), value);
        _panel.Observe(series.Slice(Layout.Experts, _panel.StateFloats), history, new Label(window, value, false, 0, parameters));
        header.Count = 1;
    }

    private void Learn(
        Span<float> series, ref SeriesHeader header, long window, float value, bool censored, in SmoothingParameters parameters, int resource, ForecastErrors errors)
    {
        Judge(series, ref header, window, value, censored, resource, errors);
        var history = new SeriesHistory(Ring(series), Slot(window - 1), header.Last);
        var experts = series.Slice(Layout.Experts, _panel.StateFloats);
        var losses = series.Slice(Layout.Losses, _weights.StateFloats);
        Span<float> ofExperts = stackalloc float[_panel.Count * QuantileLevels.DecileCount];
        Span<float> weights = stackalloc float[_panel.Count];
        Span<float> ofKnot = stackalloc float[_panel.Count];
        for (var knot = 0; knot < LeadKnots.Count; knot++)
        {
            var lead = LeadKnots.Leads[knot];
            if (header.Count < lead)
                break;
            _panel.All(experts, history, new Query(window - lead, lead - 1, lead), ofExperts);
            for (var e = 0; e < ofKnot.Length; e++)
                ofKnot[e] = Pinball.Loss(ofExperts.Slice(e * QuantileLevels.DecileCount, QuantileLevels.DecileCount), value, censored);
            _weights.Average(losses, knot, weights);
            _weights.Observe(losses, knot, ofKnot, ExpertPanel.AverageLoss(ofExperts, weights, value, censored));
        }

        _panel.Observe(experts, history, new Label(window, value, censored, header.Count, parameters));
        if (header.Count < MostKnown)
            header.Count++;
    }

    /// <summary>Compares the twelve forecasts that were served for this window with what came.</summary>
    private void Judge(
        Span<float> series, ref SeriesHeader header, long window, float value, bool censored, int resource, ForecastErrors errors)
    {
        Span<float> deciles = stackalloc float[QuantileLevels.DecileCount];
        var pending = series[Layout.Pending..];
        var tail = series.Slice(Layout.Tail, TailSketch.Floats);
        var factors = series.Slice(Layout.Spread, ConformalSpread.Floats);
        var floor = LeastSpread(header);
        for (var lead = 1; lead <= Horizon.Leads; lead++)
        {
            if (!PendingForecasts.TryGet(pending, window - lead, lead, deciles))
                continue;
            var median = deciles[QuantileLevels.Median];
            var loss = Pinball.Loss(deciles, value, censored);
            errors.Set(resource, lead, new ForecastError(true, value, median, deciles[0], deciles[^1], loss, censored));
            var knot = LeadKnots.At(lead);
            if (knot < 0)
                continue;
            if (lead == 1)
                NoticeShift(series, ref header, TailSketch.IsOutside(tail, deciles, floor, value));
            ConformalSpread.Observe(factors, knot, deciles[0], deciles[^1], value, censored);
            if (Spread(deciles, floor) is var spread and > 0)
                TailSketch.Observe(tail, knot, median, spread, value, censored);
        }
    }

    /// <summary>
    /// Three lead-1 actuals in a row outside the 99 % band: a resize, a migration, another job. Old losses count for a day at most, and
    /// six windows are served wider.
    /// </summary>
    private void NoticeShift(Span<float> series, ref SeriesHeader header, bool outside)
    {
        if (header.Shift < 0)
        {
            header.Shift++;
            return;
        }

        header.Shift = outside ? header.Shift + 1 : 0;
        if (header.Shift < ShiftLabels)
            return;
        header.Shift = -WideWindows;
        _weights.Shift(series.Slice(Layout.Losses, _weights.StateFloats));
    }

    private void Blend(ReadOnlySpan<float> knots, int lead, Span<float> weights)
    {
        var lower = knots.Slice(LeadKnots.Lower(lead) * _panel.Count, 2 * _panel.Count);
        var share = LeadKnots.UpperShare(lead);
        for (var e = 0; e < weights.Length; e++)
            weights[e] = lower[e] + ((lower[_panel.Count + e] - lower[e]) * share);
    }

    /// <summary>Least half-width as a share of the median: the sensor's resolution, and half at the first value, falling to that over the first hour.</summary>
    private float LeastShare(in SeriesHeader header) => Math.Max(_resolution, ColdShare * (ColdLabels - header.Count) / ColdLabels);

    private float LeastSpread(in SeriesHeader header) => (LeastSpreadSteps * header.Step) + (_resolution * header.Last);

    private static float Spread(ReadOnlySpan<float> deciles, float floor) => deciles[^1] - deciles[QuantileLevels.Median] + floor;

    /// <summary>Nothing is forecast above the capacity, unless usage above it was just seen.</summary>
    private static float Ceiling(in SeriesHeader header) =>
        header.Capacity > 0 ? Math.Max(header.Capacity, header.Last) : float.MaxValue;

    private Span<ushort> Ring(Span<float> series) => SeriesLayout.Words(series[Layout.History..])[.._windowsPerDay];

    private int Slot(long window) => WindowSlot.Of(window, _windowsPerDay);

    private static void Clear(Resource resource, VmForecast output)
    {
        for (var lead = 1; lead <= Horizon.Leads; lead++)
        {
            output.Quantiles(resource, lead).Clear();
            output.Weights(resource, lead).Clear();
        }

        for (var horizon = 0; horizon < DwellHorizons.Count; horizon++)
            output.DwellMaximum(resource, horizon).Clear();
        output.Mean(resource).Clear();
        output.StandardDeviation(resource).Clear();
        output.SetState(resource, false, 0, 0);
    }
}
