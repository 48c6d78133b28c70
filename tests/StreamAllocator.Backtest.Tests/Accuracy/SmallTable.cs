using System.Globalization;
using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;

namespace StreamAllocator.Backtest.Tests.Accuracy;

/// <summary>A table of actuals from series written down in a test: window 100 is the first, NaN is missing.</summary>
internal static class SmallTable
{
    public const int FirstWindow = 100;

    /// <summary>CPU of each VM, and memory where a second series is given.</summary>
    public static WindowTable Of(params (string Id, double[] Cpu, double[] Memory)[] vms)
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var writer = new StreamWriter(path))
            {
                writer.WriteLine(TraceLayouts.VmHeader);
                for (var window = 0; window < vms.Max(vm => vm.Cpu.Length); window++)
                {
                    foreach (var (id, cpu, memory) in vms)
                        writer.WriteLine($"{id},{(FirstWindow + window) * 300},,{Text(cpu, window)},,{Text(memory, window)},,,,,");
                }
            }

            using var reader = TraceReader.Open(new TraceOptions { File = path }, problem => Assert.Fail(problem.ToString()));
            return WindowTable.Read(reader);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static WindowTable OfCpu(params double[] cpu) => Of(("a", cpu, []));

    private static string Text(double[] values, int window) => window >= values.Length || double.IsNaN(values[window])
        ? ""
        : values[window].ToString("R", CultureInfo.InvariantCulture);
}
