using System.Diagnostics;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>What is in <c>infra/</c> and the compose file is what the tools that read it take.</summary>
public sealed class DeploymentTests
{
    private const string Token = "STREAMALLOCATOR_TOKEN";

    private static readonly string Root = SharedFolder.RepositoryRoot();
    private static readonly string Rules = Path.Combine(Root, "infra", "prometheus", "streamallocator.rules.yml");

    [ToolFact("docker-compose", "docker-compose")]
    public void The_compose_file_is_valid_and_holds_no_secret()
    {
        Assert.Equal((0, ""), Run("docker-compose", ["config", "-q"], (Token, "only-for-this-test")));

        var (exit, errors) = Run("docker-compose", ["config", "-q"], (Token, ""));
        Assert.NotEqual(0, exit);
        Assert.Contains("the token of the API", errors, StringComparison.Ordinal);
    }

    [ToolFact("systemd-analyze", "systemd")]
    public void Systemd_takes_the_units()
    {
        var installed = Directory.CreateTempSubdirectory("streamallocator-");
        foreach (var unit in Directory.GetFiles(Path.Combine(Root, "infra", "systemd")))
        {
            // Where the command is not installed, any other that is stands for it.
            var text = File.ReadAllText(unit).Replace("=/opt/streamallocator/streamallocator", "=/bin/true", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(installed.FullName, Path.GetFileName(unit)), text);
        }

        var units = installed.GetFiles().Select(unit => unit.FullName).ToArray();
        Assert.NotEmpty(units);
        Assert.Equal((0, ""), Run("systemd-analyze", ["verify", .. units]));
        installed.Delete(recursive: true);
    }

    [ToolFact("promtool", "prometheus")]
    public void Prometheus_takes_the_alerts_and_they_fire_when_they_should()
    {
        Assert.Equal((0, ""), Run("promtool", ["check", "rules", Rules]));
        Assert.Equal((0, ""), Run("promtool", ["test", "rules", Path.ChangeExtension(Rules, "test.yml")]));
    }

    [Fact]
    public void Each_alert_is_tested()
    {
        var tested = File.ReadAllText(Path.ChangeExtension(Rules, "test.yml"));
        var alerts = File.ReadLines(Rules).Where(line => line.Contains("- alert:", StringComparison.Ordinal)).Select(line => line.Split(':')[1].Trim()).ToList();
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert => Assert.Contains($"alertname: {alert}\n        exp_alerts:", tested, StringComparison.Ordinal));
    }

    /// <returns>With what it wrote to standard error.</returns>
    private static (int Exit, string Errors) Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? errors : output.Result + errors);
    }
}
