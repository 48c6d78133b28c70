using System.Diagnostics;
using StreamAllocator.Testing;

namespace StreamAllocator.Integration.Tests;

/// <summary>A test that fills a small disk of its own, and needs a broker; skipped, saying so, where either is not to be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TmpfsFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> MayMount = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("streamallocator-").FullName;
        try
        {
            Mount(folder, "64k");
            Unmount(folder);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    public TmpfsFactAttribute()
    {
        if (!SharedBroker.Exists)
            Skip = $"needs ../shared/{SharedBroker.Script} beside the repository, which is absent here";
        else if (!MayMount.Value)
            Skip = "needs the right to mount a tmpfs, which this user does not have here";
    }

    public static void Mount(string folder, string size) => Run("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder);

    public static void Unmount(string folder) => Run("umount", folder);

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command}: {error}");
    }
}
