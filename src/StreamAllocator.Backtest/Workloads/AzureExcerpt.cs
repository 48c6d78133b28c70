using System.IO.Compression;
using System.Text;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Workloads;

/// <summary>The 20 VMs × 14 days of AzurePublicDataset V1 that ship with the project; the README beside the file says how they were chosen.</summary>
internal static class AzureExcerpt
{
    public const int Days = 14;
    public const int WindowsPerDay = 288;
    public const int GibPerCore = 4;

    public const string Attribution = "CPU: 20 VMs × 14 days of AzurePublicDataset V1 (2017), CC-BY 4.0, Cortez et al., SOSP 2017";

    private const string Resource = "azure2017-excerpt.csv.gz";

    private static readonly int[] CoreChoices = [2, 4, 8];

    /// <summary>Window index of the first value: 1 January 2017, nominal.</summary>
    public static long FirstWindow { get; } = EventTime.FromUnixSeconds(1483228800).WindowIndex(TimeSpan.FromMinutes(5));

    /// <summary>The VMs in ordinal order of their ids, averages and maxima in percent.</summary>
    public static IReadOnlyList<(string VmId, float[] Average, float[] Maximum)> Load()
    {
        var vms = new SortedDictionary<string, (float[] Average, float[] Maximum)>(StringComparer.Ordinal);
        using var lines = new CsvLines(new GZipStream(
            typeof(AzureExcerpt).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidDataException($"{Resource}: not embedded"),
            CompressionMode.Decompress));
        lines.TryRead(out _, out _);
        while (lines.TryRead(out var line, out _))
        {
            var fields = new CsvFields(line);
            var start = -1L;
            if (fields.TryReadText(out var id) && fields.TryReadInteger(out var seconds))
                start = EventTime.FromUnixSeconds(seconds).WindowIndex(TimeSpan.FromMinutes(5)) - FirstWindow;
            if (start is < 0 or > (Days - 1) * WindowsPerDay)
                throw new InvalidDataException(FormattableString.Invariant($"{Resource}:{lines.Line}: expected a VM and a day of the excerpt"));
            var name = Encoding.UTF8.GetString(id);
            if (!vms.TryGetValue(name, out var series))
                vms[name] = series = (new float[Days * WindowsPerDay], new float[Days * WindowsPerDay]);
            for (var window = 0; window < WindowsPerDay; window++)
            {
                if (!fields.TryReadNumber(out var average) || !fields.TryReadNumber(out var maximum))
                    throw new InvalidDataException(FormattableString.Invariant($"{Resource}:{lines.Line}: expected 288 pairs of numbers"));
                series.Average[start + window] = (float)average;
                series.Maximum[start + window] = (float)maximum;
            }
        }

        return [.. vms.Select(vm => (vm.Key, vm.Value.Average, vm.Value.Maximum))];
    }

    /// <summary>The trace states no size: 2, 4 or 8 cores by a hash of the id, 4 GiB per core.</summary>
    public static VmSize SizeOf(string vmId)
    {
        var cores = CoreChoices[(int)(StableHash.Of(vmId) % (uint)CoreChoices.Length)];
        return new VmSize(cores, cores * GibPerCore);
    }
}
