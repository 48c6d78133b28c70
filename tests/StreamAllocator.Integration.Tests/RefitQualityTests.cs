using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;
using StreamAllocator.Forecasting;
using StreamAllocator.Testing;
using StreamAllocator.Training;
using StreamAllocator.Training.Fitting;
using Xunit.Abstractions;

namespace StreamAllocator.Integration.Tests;

/// <summary>What a refit of real VMs is worth in the week after the span that it saw, over all VMs and not only those it was fitted on.</summary>
public sealed class RefitQualityTests(ITestOutputHelper output)
{
    private const string Trace = "traces/azure2017_cpu_avg.csv.gz";
    private const int Seen = 14 * 288;
    private const int Week = 7 * 288;

    [SharedFact(Trace)]
    public void Parameters_fitted_on_two_weeks_serve_better_than_the_default_in_the_third()
    {
        using var reader = TraceReader.Open(new TraceOptions { File = SharedFolder.Resolve(Trace) }, _ => { });
        var table = WindowTable.Read(reader);
        var options = new TrainOptions();
        var sample = new ClassSample(table.FirstWindow, Seen, options.VmsPerClass);
        for (var window = table.FirstWindow; window < table.FirstWindow + Seen; window++)
        {
            for (var vm = 0; vm < table.Vms.Count; vm++)
                sample.Add(table.Vms[vm], window, [table[vm, Resource.Cpu, window]], []);
        }

        var fitted = new ParameterFit(options).Fit(sample, SmoothingParameters.Default)!.Value;

        var (byDefault, byFitted) = (LossAfter(table, SmoothingParameters.Default), LossAfter(table, fitted.Parameters));
        output.WriteLine(FormattableString.Invariant(
            $"{fitted.Parameters}: {fitted.ValidationLoss / fitted.ServingLoss:F4} of the default's loss on the hold-out, {byFitted / byDefault:F4} in the week after"));
        Assert.True(byFitted < 0.999 * byDefault, $"{byFitted} against {byDefault} by default");
    }

    /// <summary>Pinball loss over usage of what is served in the third week, with parameters that are taken up when it begins.</summary>
    private static double LossAfter(WindowTable table, SmoothingParameters parameters)
    {
        var engine = new ForecastEngine(new ForecastOptions());
        var (forecast, errors) = (engine.NewForecast(), new ForecastErrors());
        var (loss, usage) = (0.0, 0.0);
        for (var vm = 0; vm < table.Vms.Count; vm++)
        {
            var row = engine.Add();
            for (var window = 0; window < Seen + Week; window++)
            {
                if (window == Seen)
                    engine.SetParameters(row, parameters);
                var value = table[vm, Resource.Cpu, table.FirstWindow + window];
                var observed = WindowObservation.Missing with { Cpu = new ResourceObservation(value, float.NaN) };
                engine.Observe(row, table.FirstWindow + window, observed, errors);
                engine.Forecast(row, forecast);
                for (var lead = 1; window >= Seen && lead <= Horizon.Leads; lead++)
                {
                    ref readonly var error = ref errors[Resource.Cpu, lead];
                    loss += error.Loss;
                    usage += error.Actual;
                }
            }
        }

        return loss / usage;
    }
}
