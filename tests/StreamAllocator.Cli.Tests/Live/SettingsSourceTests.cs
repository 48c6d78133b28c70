using StreamAllocator.Cli.Live;

namespace StreamAllocator.Cli.Tests.Live;

public sealed class SettingsSourceTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Flags_go_over_the_environment_over_the_file_over_the_defaults()
    {
        File.WriteAllText(_file, """{ "log": "memory", "Instance": "a", "Server": { "Port": 1000 }, "Allocator": { "VmPartitions": 8 } }""");

        var settings = SettingsSource.Read(
            new FileInfo(_file), [KeyValuePair.Create("STREAMALLOCATOR__SERVER__PORT", "2000"), KeyValuePair.Create("streamallocator__instance", "b")],
            [("Server.Port", 3000)]);

        Assert.Equal(("memory", 3000, "b", 8, 2), (
            settings.Log, settings.Server.Port, settings.Instance, settings.Allocator.VmPartitions, settings.Allocator.PoolPartitions));
    }

    [Fact]
    public void A_part_of_a_rule_leaves_the_rest_of_it_as_it_was()
    {
        File.WriteAllText(_file, """{ "Allocator": { "Decide": { "Decisions": { "Low": { "K": 4 }, "UpCooldown": "00:05:00" } } } }""");

        var decisions = SettingsSource.Read(new FileInfo(_file), [], []).Allocator.Decide.Decisions;

        Assert.Equal((4, 0.05), (decisions.Low.K, decisions.Low.Alpha));
        Assert.Equal(TimeSpan.FromMinutes(5), decisions.UpCooldown);
        Assert.Equal(0.01, decisions.DefaultGranularity.CpuCores);
    }

    [Fact]
    public void The_window_size_is_one_key_that_all_parts_follow()
    {
        var allocator = SettingsSource.Read(null, [KeyValuePair.Create("STREAMALLOCATOR__ALLOCATOR__PREDICT__WINDOWS__SIZE", "00:01:00")], []).Allocator.Resolved();

        var minute = TimeSpan.FromMinutes(1);
        Assert.Equal((minute, minute, 1440), (allocator.Ingest.Window, allocator.Training.Window, allocator.Predict.Forecast.WindowsPerDay));
    }

    [Theory]
    [InlineData("ALLOCATOR__INGEST__WINDOW")]
    [InlineData("ALLOCATOR__TRAINING__WINDOW")]
    [InlineData("ALLOCATOR__PREDICT__FORECAST__WINDOWSPERDAY")]
    [InlineData("SERVER__DECISIONS")]
    public void What_follows_from_another_key_is_none(string name)
    {
        var problem = Assert.Single(Assert.Throws<UsageException>(() => SettingsSource.Read(
            null, [KeyValuePair.Create("STREAMALLOCATOR__" + name, "1")], [])).Problems);

        Assert.Contains("unknown", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_size_that_is_none_is_one_problem()
    {
        var problem = Assert.Single(Assert.Throws<UsageException>(() => SettingsSource.Read(
            null, [KeyValuePair.Create("STREAMALLOCATOR__ALLOCATOR__PREDICT__WINDOWS__SIZE", "00:00:00")], [])).Problems);

        Assert.Contains("window size", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_value_of_another_kind_is_told_at_once_with_one_that_would_do()
    {
        File.WriteAllText(_file, """{ "Allocator": { "Predict": { "Windows": { "Size": "7 minutes" } } }, "Server": { "Port": "many", "Token": 3 }, "DryRun": 1 }""");

        var problems = Assert.Throws<UsageException>(() => SettingsSource.Read(new FileInfo(_file), [], [])).Problems;

        Assert.Equal(
            [
                "DryRun: found 1, expected a value such as false",
                "Allocator.Predict.Windows.Size: found \"7 minutes\", expected a value such as \"00:05:00\"",
                "Server.Port: found \"many\", expected a value such as 8080",
                "Server.Token: found 3, expected a text",
            ],
            problems);
    }

    [Fact]
    public void A_name_among_the_processes_of_a_log_is_one_that_Kafka_takes()
    {
        Assert.Equal(Environment.MachineName, SettingsSource.Read(null, [], []).Instance);
        Assert.Equal("rack-7.b", SettingsSource.Read(null, [KeyValuePair.Create("STREAMALLOCATOR__INSTANCE", "rack-7.b")], []).Instance);

        var problem = Assert.Single(Assert.Throws<UsageException>(() => SettingsSource.Read(null, [], [("Instance", "rack 7")])).Problems);

        Assert.StartsWith("Instance 'rack 7'", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_problem_is_told_at_once()
    {
        File.WriteAllText(_file, """{ "Sever": {}, "Server": { "Port": -1 }, "Allocator": { "VmPartitions": 0 } }""");

        var problems = Assert.Throws<UsageException>(() => SettingsSource.Read(
            new FileInfo(_file), [KeyValuePair.Create("STREAMALLOCATOR__ALLOCATOR__NOTHING", "1")], [])).Problems;

        Assert.Equal(4, problems.Count);
        Assert.Contains(problems, problem => problem.StartsWith("Sever: unknown", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("STREAMALLOCATOR__ALLOCATOR__NOTHING: unknown 'NOTHING'", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("Port -1", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("vm partitions 0", StringComparison.Ordinal));
    }

    [Fact]
    public void The_token_of_the_history_is_never_shown_and_its_violations_are_told()
    {
        var settings = SettingsSource.Read(null, [KeyValuePair.Create("STREAMALLOCATOR__HISTORY__TOKEN", "0123456789abcdefX")], []);
        var problems = Assert.Throws<UsageException>(() => SettingsSource.Read(
            null, [KeyValuePair.Create("STREAMALLOCATOR__HISTORY__URL", "influx"), KeyValuePair.Create("STREAMALLOCATOR__HISTORY__BUCKET", "")], [])).Problems;

        Assert.Equal("0123456789abcdefX", settings.History.Token);
        Assert.DoesNotContain("0123456789abcdefX", SettingsSource.Show(settings), StringComparison.Ordinal);
        Assert.Equal(["History: Url 'influx'", "History: Bucket ''"], problems.Select(problem => problem[..problem.LastIndexOf(':')]));
    }

    [Fact]
    public void A_token_is_never_shown()
    {
        var settings = SettingsSource.Read(null, [KeyValuePair.Create("STREAMALLOCATOR__SERVER__TOKEN", "0123456789abcdefX")], []);

        Assert.Equal("0123456789abcdefX", settings.Server.Token);
        Assert.DoesNotContain("0123456789abcdefX", SettingsSource.Show(settings), StringComparison.Ordinal);
    }
}
