using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Full names of the messages of <c>schemas/</c>, as the header <c>schema</c> carries them, encoded once.</summary>
public static class SchemaHeaders
{
    public const string Package = "streamallocator.v1.";

    public static readonly byte[] Telemetry = Header("Telemetry");
    public static readonly byte[] VmInputs = Header("VmInputs");
    public static readonly byte[] PoolInputs = Header("PoolInputs");
    public static readonly byte[] Features = Header("Features");
    public static readonly byte[] Forecast = Header("Forecast");
    public static readonly byte[] ForecastErrors = Header("ForecastErrors");
    public static readonly byte[] RetrainingRequest = Header("RetrainingRequest");
    public static readonly byte[] ModelRelease = Header("ModelRelease");
    public static readonly byte[] Decision = Header("Decision");
    public static readonly byte[] ResizeCommand = Header("ResizeCommand");
    public static readonly byte[] Allocation = Header("Allocation");
    public static readonly byte[] DeadLetter = Header("DeadLetter");
    public static readonly byte[] Tick = Header("Tick");
    public static readonly byte[] VmSpec = Header("VmSpec");
    public static readonly byte[] HostSpec = Header("HostSpec");
    public static readonly byte[] Offer = Header("Offer");
    public static readonly byte[] Schedule = Header("Schedule");
    public static readonly byte[] ControlRequest = Header("ControlRequest");
    public static readonly byte[] Lineage = Header("Lineage");

    private static byte[] Header(string message) => RecordHeaders.ForSchema(Package + message);
}
