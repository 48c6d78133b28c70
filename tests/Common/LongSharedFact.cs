namespace StreamAllocator.Testing;

/// <summary>A test that needs a file of the folder <c>../shared</c> and minutes to hours: it runs where STREAMALLOCATOR_TEST_LONG is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LongSharedFactAttribute : FactAttribute
{
    public LongSharedFactAttribute(string path)
    {
        if (Environment.GetEnvironmentVariable("STREAMALLOCATOR_TEST_LONG") != "1")
            Skip = "takes long: make test-long runs it";
        else if (!Path.Exists(SharedFolder.Resolve(path)))
            Skip = $"needs ../shared/{path} beside the repository, which is absent here";
    }
}
