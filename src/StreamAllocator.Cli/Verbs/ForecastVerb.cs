using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Cli.Accuracy;
using StreamAllocator.Cli.Output;
using StreamAllocator.Domain;

namespace StreamAllocator.Cli.Verbs;

/// <summary><c>forecast</c>: the forecasts of the production code over a trace, scored beside the pinned baselines.</summary>
internal static class ForecastVerb
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static Command Create()
    {
        var trace = new Option<FileInfo>("--trace") { Description = "A trace (gzip or plain CSV) of a documented layout.", Required = true };
        var from = new Option<DateTimeOffset?>("--from") { Description = "First origin that counts; a day after the trace begins where it is left out." };
        var to = new Option<DateTimeOffset?>("--to") { Description = "End of the origins that count; the end of the trace where it is left out." };
        var output = new Option<FileInfo?>("--out") { Description = "Write each forecast to this CSV file, for anyone to score again." };
        var format = FormatOption.Create();
        var command = new Command(
            "forecast", "Scores the forecasts over a trace against the pinned baselines.\n\n  streamallocator forecast --trace vms.csv.gz --format json")
        {
            trace, from, to, output, format,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var recorded = parsed.GetRequiredValue(trace);
            if (!recorded.Exists)
                throw new UsageException($"--trace {recorded}: no such file");
            var options = new TraceOptions { File = recorded.FullName };
            var actuals = ReadActuals(options);
            var span = Span(actuals, parsed.GetValue(from), parsed.GetValue(to));
            using var file = parsed.GetValue(output) is { } path ? new ForecastFile(new StreamWriter(path.FullName), actuals) : null;
            file?.WriteHead();
            var method = ProgressBar.Show("forecasting", progress =>
                new ForecastScoring(options, actuals, span).Run(file is null ? null : file.Write, progress, cancellation));
            if (cancellation.IsCancellationRequested)
                return Task.FromResult(ExitCodes.Failed);
            var series = actuals.Vms.Count * Resources.Count;
            var baselines = ProgressBar.Show("baselines", progress =>
                PinnedBaselineScores.Compute(actuals, span, Resources.All, onSeries: done => progress((double)done / series)));
            Print(AccuracyReport.Of(method, baselines), parsed.GetValue(format));
            return Task.FromResult(ExitCodes.Done);
        });
        return command;
    }

    private static WindowTable ReadActuals(TraceOptions options)
    {
        using var reader = TraceReader.Open(options, problem => Console.Error.WriteLine(problem));
        var actuals = WindowTable.Read(reader);
        return actuals.Length > 0 ? actuals : throw new InvalidDataException($"{options.File}: no usable row");
    }

    private static OriginSpan Span(WindowTable actuals, DateTimeOffset? from, DateTimeOffset? to)
    {
        var perDay = (long)(TimeSpan.FromDays(1) / actuals.Size);
        var first = from is { } begin ? EventTime.From(begin).WindowIndex(actuals.Size) : actuals.FirstWindow + perDay;
        var end = to is { } until ? EventTime.From(until).WindowIndex(actuals.Size) : actuals.FirstWindow + actuals.Length;
        if (end > first && end > actuals.FirstWindow && first < actuals.FirstWindow + actuals.Length)
            return new OriginSpan(first, end);
        throw new UsageException(
            $"span {EventTime.StartOfWindow(first, actuals.Size)} to {EventTime.StartOfWindow(end, actuals.Size)}: expected a part of the trace, "
            + $"{EventTime.StartOfWindow(actuals.FirstWindow, actuals.Size)} to {EventTime.StartOfWindow(actuals.FirstWindow + actuals.Length, actuals.Size)}");
    }

    private static void Print(AccuracyReport report, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(report, Json));
            return;
        }

        var listing = new Listing(
            "vms", "resource", "loss", "best baseline", "its loss", "ratio", "without top 3", "median VM", "VMs > 1.10", "cov80", "P(y>q0.9)", "forecasts");
        foreach (var (name, group) in new[] { ("all", report.All), ("seen", report.Seen), ("held out", report.HeldOut) })
        {
            foreach (var of in group.Resources)
            {
                listing.Add(
                    name, of.Resource.ToString().ToLowerInvariant(), of.Loss, of.BestBaseline, of.BaselineLosses[of.BestBaseline], of.Ratio,
                    of.RatioWithoutTopThree, of.MedianSeriesRatio, of.ShareAbove110, of.Coverage80, of.AboveHighest, of.Forecasts);
            }

            listing.Add(name, "score", null, null, null, group.Score, group.ScoreWithoutTopThree, null, null, null, null, null);
        }

        listing.Print(format, Console.Out);
        if (format == OutputFormat.Table)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"score {report.All.Score:0.000} (95 % over VMs: {report.All.ScoreLow:0.000} to {report.All.ScoreHigh:0.000}); below 1 is better than the best baseline of each resource"));
        }
    }
}
