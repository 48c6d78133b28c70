using System.Globalization;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded;

/// <summary>
/// One process at a time has the log: an exclusive lock of the operating system, which ends with its process, on a file beside the database;
/// the holder's process id stands in another, since nobody may read the locked one.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _held;
    private readonly string _holder;

    private FileLock(FileStream held, string holder) => (_held, _holder) = (held, holder);

    public static FileLock Take(string path)
    {
        var holder = path + ".pid";
        FileStream held;
        try
        {
            held = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new LogException($"{path}.lock: cannot be written: give this user the right to write into that directory", error);
        }
        catch (IOException error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            throw new LogException($"{path}: its directory does not exist: create it or name another", error);
        }
        catch (IOException error) when (File.Exists(holder))
        {
            throw new LogException($"{path} is in use by process {ReadHolder(holder)}: stop that one, or name another file", error);
        }
        catch (IOException error)
        {
            throw new LogException($"{path}.lock: {error.Message}", error);
        }

        try
        {
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw new LogException($"{holder}: cannot be written: {error.Message}", error);
        }

        return new FileLock(held, holder);
    }

    public void Dispose()
    {
        File.Delete(_holder);
        _held.Dispose();
    }

    private static string ReadHolder(string holder)
    {
        try
        {
            return File.ReadAllText(holder).Trim();
        }
        catch (IOException)
        {
            return "unknown";
        }
    }
}
