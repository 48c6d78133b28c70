using StreamAllocator.Backtest.Accuracy;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;

namespace StreamAllocator.Backtest.Tests.Accuracy;

public sealed class WindowTableTests
{
    [Fact]
    public void Window_is_the_mean_of_its_known_samples_and_missing_without_one()
    {
        // window   1: a 1, 3, blank → 2     3: a 7, b 5     window 2 has nobody
        var table = Read("a,300,,1,,,,,,,", "a,360,,3,,,,,,,", "a,420,,,,9,,,,,", "a,900,,7,,,,,,,", "b,930,,5,,,,,,,");

        Assert.Equal((1L, 3), (table.FirstWindow, table.Length));
        Assert.Equal([2f, float.NaN, 7f], table.Series(0, Resource.Cpu).ToArray());
        Assert.Equal([float.NaN, float.NaN, 5f], table.Series(1, Resource.Cpu).ToArray());
        Assert.Equal(9f, table[0, Resource.Memory, 1]);
    }

    [Fact]
    public void Outside_the_trace_everything_is_missing()
    {
        var table = Read("a,300,,1,,,,,,,");

        Assert.True(float.IsNaN(table[0, Resource.Cpu, 0]));
        Assert.True(float.IsNaN(table[0, Resource.Cpu, 2]));
        Assert.True(float.IsNaN(table[0, Resource.Disk, 1]));
        Assert.Equal(0, table.Series(0, Resource.Disk).Length);
    }

    private static WindowTable Read(params string[] lines)
    {
        var path = Path.GetTempFileName();
        File.WriteAllLines(path, [TraceLayouts.VmHeader, .. lines]);
        using var reader = TraceReader.Open(new TraceOptions { File = path }, problem => Assert.Fail(problem.ToString()));
        var table = WindowTable.Read(reader);
        File.Delete(path);
        return table;
    }
}
