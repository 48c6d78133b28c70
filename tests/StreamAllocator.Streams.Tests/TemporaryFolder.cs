namespace StreamAllocator.Streams.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streamallocator-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
