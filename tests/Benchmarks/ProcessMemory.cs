using System.Globalization;

namespace StreamAllocator.Benchmarks;

/// <summary>Resident memory of a process, as the kernel has it.</summary>
/// <param name="process">Its id, or self.</param>
internal readonly struct ProcessMemory(string process)
{
    public static ProcessMemory Self => new("self");

    public double NowMebibytes => Mebibytes("VmRSS:");

    /// <summary>The highest so far.</summary>
    public double PeakMebibytes => Mebibytes("VmHWM:");

    private double Mebibytes(string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length, line.Length - name.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }
}
