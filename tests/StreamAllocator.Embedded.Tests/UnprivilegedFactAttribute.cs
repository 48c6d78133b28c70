namespace StreamAllocator.Embedded.Tests;

/// <summary>A test of file permissions; skipped for root, whom they do not hold back.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnprivilegedFactAttribute : FactAttribute
{
    public UnprivilegedFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            Skip = "needs a user whom file permissions hold back, not root";
    }
}
