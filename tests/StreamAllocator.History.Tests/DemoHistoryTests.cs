using System.Diagnostics;
using InfluxDB.Client;
using NodaTime;
using StreamAllocator.Embedded;
using StreamAllocator.Pipeline;
using StreamAllocator.Testing;
using Xunit.Abstractions;

namespace StreamAllocator.History.Tests;

/// <summary>The demo as a process of its own, with its history in InfluxDB.</summary>
[Collection("InfluxDB")]
public sealed class DemoHistoryTests(InfluxServer influx, ITestOutputHelper output) : IDisposable
{
    private const int Kills = 2;
    private static readonly string Command = Path.Combine(AppContext.BaseDirectory, "streamallocator.dll");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamallocator-history-");

    public void Dispose() => _folder.Delete(recursive: true);

    [InfluxFact]
    public async Task Killed_on_its_way_and_resumed_its_history_is_that_of_its_topics_and_the_query_of_the_README_reads_it()
    {
        var options = await influx.NewBucket();
        var log = Path.Combine(_folder.FullName, "demo.db");
        var points = 0L;
        for (var kill = 0; kill < Kills; kill++)
        {
            using var demo = Start(options, "demo", "--log", $"file:{log}", "--windows", "60", "--speed", "4320", "--no-view", "--port", "0", "--history");
            var before = points;
            await Eventually.Holds("more usage is stored", () => (points = CountUsage(options).Result) > before);
            demo.Kill();
            await demo.WaitForExitAsync();
            output.WriteLine($"killed with {points} windows stored");
        }

        using (var demo = Start(options, "demo", "--log", $"file:{log}", "--windows", "60", "--speed", "0", "--no-view", "--port", "0", "--history"))
        {
            await demo.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
            Assert.Equal(0, demo.ExitCode);
        }

        Assert.True(points < 60 * 20, "the demo had ended before it was killed");
        using var topics = EmbeddedLog.Open(log);
        var expected = ExpectedPoints.Of(topics, new Topics(), options);
        var stored = await StoredPoints.Of(options);
        output.WriteLine($"{expected.Count} fields");
        Assert.Empty(expected.Except(stored).Take(3));
        Assert.Empty(stored.Except(expected).Take(3));
        await ReadAsTheReadmeDoes(options, expected);
    }

    [InfluxFact]
    public async Task A_wrong_token_ends_the_role_with_one_message_that_does_not_hold_it()
    {
        var options = await influx.NewBucket() with { Token = "not-the-right-token" };
        using var run = Start(options, "run", "--roles", "history", "--log", "memory");
        var error = await run.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await run.WaitForExitAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"InfluxDB at {influx.Url}, organisation {influx.Org}, bucket {options.Bucket}: unauthorized access (History.Token)", error.Trim());
    }

    [Fact]
    public async Task The_role_without_a_server_is_wrong_usage()
    {
        using var run = Start(new HistoryOptions(), "run", "--roles", "history", "--log", "memory");
        var error = await run.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await run.WaitForExitAsync();

        Assert.Equal((2, "--roles history: expected History.Url too"), (run.ExitCode, error.Trim()));
    }

    /// <summary>Beside the usage of each window stands what was forecast for it six windows earlier.</summary>
    private static async Task ReadAsTheReadmeDoes(HistoryOptions options, List<string> expected)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(SharedFolder.RepositoryRoot(), "README.md"));
        var flux = readme.Split("```flux\n")[1].Split("```")[0];
        Assert.Contains("bucket: \"streamallocator\"", flux, StringComparison.Ordinal);
        using var client = new InfluxDBClient(options.Url, options.Token);
        var rows = (await client.GetQueryApi().QueryAsync(flux.Replace("bucket: \"streamallocator\"", $"bucket: \"{options.Bucket}\"", StringComparison.Ordinal), options.Org))
            .SelectMany(table => table.Records).ToList();
        var complete = rows.Where(row => new[] { "usage_cpu_cores_mean", "forecast_cpu_cores_p10", "forecast_cpu_cores_p50", "forecast_cpu_cores_p90" }
            .All(column => row.Values.GetValueOrDefault(column) is double)).ToList();
        Assert.True(complete.Count > 40, $"{complete.Count} of {rows.Count} rows have usage and forecast");
        var lines = expected.ToHashSet();
        foreach (var row in complete)
        {
            var time = (row.GetTime()!.Value - NodaConstants.UnixEpoch).ToInt64Nanoseconds();
            Assert.Contains(StoredPoints.Line("usage vm_id=az-825849", "cpu_cores_mean", time, row.Values["usage_cpu_cores_mean"]), lines);
            Assert.Contains(StoredPoints.Line("forecast lead_windows=6 vm_id=az-825849", "cpu_cores_p90", time, row.Values["forecast_cpu_cores_p90"]), lines);
        }
    }

    private static async Task<long> CountUsage(HistoryOptions options)
    {
        using var client = new InfluxDBClient(options.Url, options.Token);
        var tables = await client.GetQueryApi().QueryAsync(
            $"""
            from(bucket: "{options.Bucket}") |> range(start: 1970-01-01T00:00:00Z, stop: 2200-01-01T00:00:00Z)
              |> filter(fn: (r) => r._measurement == "usage" and r._field == "cpu_samples") |> group() |> count()
            """,
            options.Org);
        return tables.SelectMany(table => table.Records).Select(record => (long)record.GetValue()).SingleOrDefault();
    }

    private Process Start(HistoryOptions options, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Command, .. arguments])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardError = true,
            Environment =
            {
                ["STREAMALLOCATOR__HISTORY__ORG"] = options.Org,
                ["STREAMALLOCATOR__HISTORY__BUCKET"] = options.Bucket,
            },
        };
        if (options.Url is not null)
        {
            start.Environment["STREAMALLOCATOR__HISTORY__URL"] = options.Url;
            start.Environment["STREAMALLOCATOR__HISTORY__TOKEN"] = options.Token;
        }

        return Process.Start(start)!;
    }
}
