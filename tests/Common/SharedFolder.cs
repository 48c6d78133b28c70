namespace StreamAllocator.Testing;

internal static class SharedFolder
{
    public static string Resolve(string path) => Path.GetFullPath(Path.Combine(RepositoryRoot(), "..", "shared", path));

    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StreamAllocator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("StreamAllocator.sln: not found above the tests");
        return folder;
    }
}
