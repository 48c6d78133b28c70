namespace StreamAllocator.Testing;

/// <summary>A test that runs a program which a machine may have or not; skipped, saying so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    /// <param name="package">Debian's, which holds it.</param>
    public ToolFactAttribute(string program, string package)
    {
        var folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, program))))
            Skip = $"needs {program} of Debian's package {package}, which is not installed here";
    }
}
