using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using InfluxDB.Client;
using InfluxDB.Client.Api.Domain;

namespace StreamAllocator.History.Tests;

/// <summary>
/// An InfluxDB 2 for the tests: the one of the shared folder, or else one that runs already (INFLUXDB_URL), or else one that Docker starts. Each
/// test takes a bucket of its own.
/// </summary>
public sealed class InfluxServer : IAsyncLifetime, IDisposable
{
    private const int Port = 8086;
    private LocalInflux? _local;
    private IContainer? _container;
    private int _buckets;

    public static bool IsToBeHad => LocalInflux.IsThere || RunningUrl is not null || HasDocker;

    public string Url { get; private set; } = "";

    public string Org { get; private set; } = LocalInflux.Org;

    public string Token { get; private set; } = LocalInflux.Token;

    private static string? RunningUrl => Environment.GetEnvironmentVariable("INFLUXDB_URL");

    private static bool HasDocker => System.IO.File.Exists("/var/run/docker.sock") || Environment.GetEnvironmentVariable("DOCKER_HOST") is not null;

    public async Task InitializeAsync()
    {
        if (LocalInflux.IsThere)
        {
            _local = new LocalInflux();
            Url = _local.Url;
        }
        else if (RunningUrl is { } url)
        {
            Url = url;
            Org = Environment.GetEnvironmentVariable("INFLUXDB_ORG") ?? Org;
            Token = Environment.GetEnvironmentVariable("INFLUXDB_TOKEN") ?? Token;
        }
        else if (HasDocker)
        {
            _container = new ContainerBuilder("influxdb:2.7")
                .WithPortBinding(Port, assignRandomHostPort: true)
                .WithEnvironment("DOCKER_INFLUXDB_INIT_MODE", "setup")
                .WithEnvironment("DOCKER_INFLUXDB_INIT_USERNAME", "test")
                .WithEnvironment("DOCKER_INFLUXDB_INIT_PASSWORD", "test-password")
                .WithEnvironment("DOCKER_INFLUXDB_INIT_ORG", Org)
                .WithEnvironment("DOCKER_INFLUXDB_INIT_BUCKET", "telemetry")
                .WithEnvironment("DOCKER_INFLUXDB_INIT_ADMIN_TOKEN", Token)
                .WithWaitStrategy(Wait.ForUnixContainer().UntilHttpRequestIsSucceeded(request => request.ForPort(Port).ForPath("/health")))
                .Build();
            await _container.StartAsync();
            Url = $"http://{_container.Hostname}:{_container.GetMappedPublicPort(Port)}";
        }
    }

    public async Task DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
    }

    public void Dispose() => _local?.Dispose();

    /// <param name="retention">Null keeps everything.</param>
    public async Task<HistoryOptions> NewBucket(TimeSpan? retention = null)
    {
        var options = new HistoryOptions { Url = Url, Org = Org, Token = Token, Bucket = $"test-{Environment.ProcessId}-{Interlocked.Increment(ref _buckets)}" };
        using var client = new InfluxDBClient(Url, Token);
        var organisation = (await client.GetOrganizationsApi().FindOrganizationsAsync(org: Org)).Single();
        var rules = retention is { } kept ? new List<BucketRetentionRules> { new(BucketRetentionRules.TypeEnum.Expire, (int)kept.TotalSeconds) } : [];
        await client.GetBucketsApi().CreateBucketAsync(new PostBucketRequest(organisation.Id, options.Bucket, retentionRules: rules));
        return options;
    }
}

[CollectionDefinition("InfluxDB")]
public sealed class InfluxTestsGroup : ICollectionFixture<InfluxServer>;
