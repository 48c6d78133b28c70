namespace StreamAllocator.History.Tests;

/// <summary>A test that needs an InfluxDB 2; skipped, saying why, where none is to be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InfluxFactAttribute : FactAttribute
{
    public InfluxFactAttribute()
    {
        if (!InfluxServer.IsToBeHad)
            Skip = "needs an InfluxDB 2: ../shared/influxdb beside the repository, or INFLUXDB_URL (with INFLUXDB_TOKEN and INFLUXDB_ORG), or Docker";
    }
}
