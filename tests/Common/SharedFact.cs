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
