namespace StreamAllocator.Testing;

/// <summary>A test that needs a file of the folder <c>../shared</c> beside the repository; skipped, saying so, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string path)
    {
        if (!Path.Exists(SharedFolder.Resolve(path)))
            Skip = $"needs ../shared/{path} beside the repository, which is absent here";
    }
}

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
