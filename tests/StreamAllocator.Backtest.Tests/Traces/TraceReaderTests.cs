using System.IO.Compression;
using System.Text;
using StreamAllocator.Backtest.Traces;
using StreamAllocator.Domain;
using StreamAllocator.Testing;

namespace StreamAllocator.Backtest.Tests.Traces;

public sealed class TraceReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("trace-").FullName;
    private readonly List<TraceProblem> _problems = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Row_gives_every_column_in_absolute_units()
    {
        var row = Assert.Single(Assert.Single(Read(Vm("a,600,12.5,0.5,4,1.25,8.0,100,23,7,8"))).Rows);

        Assert.Equal((0, 600L, 0.5, 4.0), (row.Vm, row.TimestampSeconds, row.CpuCores, row.CpuCoresAllocated));
        Assert.Equal((1.25, 8.0, 123.0, 15.0), (row.MemoryGib, row.MemoryGibAllocated, row.DiskBytesPerSecond, row.NetworkBytesPerSecond));
        Assert.True(double.IsNaN(row.CpuCoresMax));
        Assert.Equal(new EventTime(600_000), row.Time);
    }

    [Theory]
    [InlineData("a,600,50,,4,,,,,,", 2.0)]
    [InlineData("a,600,50,,,,,,,,", 1.5)]
    [InlineData("a,600,50,0.25,4,,,,,,", 0.25)]
    [InlineData("a,600,,,,,,,,,", double.NaN)]
    public void Cores_come_from_the_percentage_only_where_they_are_blank(string line, double expectedCores)
    {
        var steps = Read(new TraceOptions { File = Vm(line), DefaultCores = 3 });

        Assert.Equal(expectedCores, steps[0].Rows[0].CpuCores);
    }

    [Fact]
    public void One_blank_half_of_a_rate_leaves_the_other_and_two_leave_it_unknown()
    {
        var rows = Read(Vm("a,600,,,,,,,9,,", "b,600,,,,,,5,,,3"))[0].Rows;

        Assert.Equal((9.0, 5.0, 3.0), (rows[0].DiskBytesPerSecond, rows[1].DiskBytesPerSecond, rows[1].NetworkBytesPerSecond));
        Assert.True(double.IsNaN(rows[0].NetworkBytesPerSecond));
        Assert.True(double.IsNaN(rows[0].MemoryGib));
    }

    [Fact]
    public void Jittering_timestamps_of_one_window_make_one_step()
    {
        // 300 |  a599 b600 is two windows;  a610 b611 a899 | 900
        var steps = Read(Vm(
            "a,599,1,,,,,,,,", "b,600,1,,,,,,,,", "a,610,1,,,,,,,,", "b,611,1,,,,,,,,", "a,899,1,,,,,,,,", "a,1500,1,,,,,,,,"));

        Assert.Equal([(1L, 1), (2L, 4), (5L, 1)], steps.Select(step => (step.Window, step.Rows.Length)));
        Assert.Equal(["a", "b"], _names);
    }

    [Fact]
    public void Maxima_are_joined_by_vm_and_timestamp_and_one_without_a_mean_is_a_verdict()
    {
        var means = Vm("a,600,10,,,,,,,,", "b,600,20,,,,,,,,", "a,660,30,,,,,,,,", "a,900,40,,,,,,,,");
        var maxima = Write("max.csv", VmLines("a,600,15,,,,,,,,", "c,600,99,,,,,,,,", "a,660,35,,,,,,,,", "a,900,45,,,,,,,,", "a,1200,1,,,,,,,,"));

        var steps = Read(new TraceOptions { File = means, MaximumFile = maxima });

        Assert.Equal([0.15, double.NaN, 0.35], steps[0].Rows.Select(row => row.CpuCoresMax));
        Assert.Equal(0.45, steps[1].Rows[0].CpuCoresMax);
        Assert.Equal([3L, 6L], _problems.Select(problem => problem.Line));
    }

    [Theory]
    [InlineData(null, 7.5, double.NaN)]
    [InlineData("requests", double.NaN, 7.5)]
    public void Generic_value_is_the_cpu_demand_or_the_named_metric(string? metric, double cores, double value)
    {
        var file = Write("generic.csv", $"{TraceLayouts.GenericHeader}\ns,60,7.5,requests_per_min\n");
        using var reader = TraceReader.Open(new TraceOptions { File = file, MetricName = metric }, _problems.Add);

        Assert.True(reader.TryReadStep());
        Assert.Equal((cores, value), (reader.Rows[0].CpuCores, reader.Rows[0].Metric));
        Assert.Equal(TraceLayout.Generic, reader.Layout);
        Assert.Equal("requests_per_min", reader.Units[0]);
    }

    [Fact]
    public void Change_of_a_series_unit_is_a_verdict()
    {
        Read(Write("generic.csv", $"{TraceLayouts.GenericHeader}\ns,60,1,ms\ns,120,1,s\nt,120,1,s\n"));

        Assert.Equal("unit 's'", Assert.Single(_problems).Found);
    }

    [Theory]
    [InlineData("a,600,x,,,,,,,,", "cpu_percent 'x'")]
    [InlineData("a,600,-1,,,,,,,,", "cpu_percent '-1'")]
    [InlineData("a,600,NaN,,,,,,,,", "cpu_percent 'NaN'")]
    [InlineData("a,600,,,,Infinity,,,,,", "memory_used_gb 'Infinity'")]
    [InlineData("a,600,1.2.3,,,,,,,,", "cpu_percent '1.2.3'")]
    [InlineData("a,600,1,,,,,,,", "net_tx_bps ''")]
    [InlineData("a,600,1,,,,,,,,,", "a field after the last column ''")]
    [InlineData("a,600.5,1,,,,,,,,", "timestamp '600.5'")]
    [InlineData("a,,1,,,,,,,,", "timestamp ''")]
    [InlineData(",600,1,,,,,,,,", "vm_id ''")]
    [InlineData("a\u0001,600,1,,,,,,,,", "vm_id 'a\u0001'")]
    public void Bad_row_is_a_verdict_with_its_place_and_the_reading_goes_on(string line, string found)
    {
        var file = Vm("a,300,1,,,,,,,,", line, "a,900,3,,,,,,,,");

        var steps = Read(file);

        Assert.Equal([1L, 3L], steps.Select(step => step.Window));
        var problem = Assert.Single(_problems);
        Assert.Equal((file, 3L, found), (problem.File, problem.Line, problem.Found));
        Assert.NotEmpty(problem.Expected);
    }

    [Fact]
    public void Row_of_an_earlier_window_is_a_verdict()
    {
        var steps = Read(Vm("a,600,1,,,,,,,,", "b,599,1,,,,,,,,", "c,600,1,,,,,,,,"));

        Assert.Equal(2, Assert.Single(steps).Rows.Length);
        Assert.Contains("600 or later", Assert.Single(_problems).Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_line_is_a_verdict_and_the_next_row_is_read()
    {
        var steps = Read(Vm("a,600,1,,,,,,,,", new string('x', 1_000_000), "b,601,2,,,,,,,,", new string('y', 70_000), "c,602,2,,,,,,,,"));

        Assert.Equal(3, Assert.Single(steps).Rows.Length);
        Assert.Equal([3L, 5L], _problems.Select(problem => problem.Line));
    }

    [Theory]
    [InlineData("nothing,like,it\n1,2,3\n", "nothing,like,it")]
    [InlineData("", "an empty file")]
    public void Unknown_columns_are_an_error_that_names_both_layouts(string text, string found)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Write("odd.csv", text)));

        Assert.Contains(found, error.Message, StringComparison.Ordinal);
        Assert.Contains(TraceLayouts.VmHeader, error.Message, StringComparison.Ordinal);
        Assert.Contains(TraceLayouts.GenericHeader, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forced_layout_reads_a_file_without_column_names_and_refuses_those_of_another_layout()
    {
        var bare = Write("bare.csv", "a,600,50,,,,,,,,\n");

        Assert.Equal(0.5, Read(new TraceOptions { File = bare, Layout = TraceLayout.Vm })[0].Rows[0].CpuCores);
        Assert.Throws<InvalidDataException>(() => Read(new TraceOptions { File = Vm("a,600,50,,,,,,,,"), Layout = TraceLayout.Generic }));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1000)]
    public void Cut_gzip_file_is_an_error_that_says_where(int fraction)
    {
        var whole = File.ReadAllBytes(Gzip(VmLines([.. Enumerable.Range(0, 5000).Select(at => $"a,{600 + at * 7},{at % 83}.{at % 7},,,,,,,,")])));
        var cut = Path.Combine(_folder, "cut.csv.gz");
        File.WriteAllBytes(cut, whole[..(whole.Length / fraction)]);

        var error = Assert.Throws<InvalidDataException>(() => Read(cut));

        Assert.StartsWith(cut, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_carriage_returns_preamble_and_a_missing_last_newline_change_nothing()
    {
        var plain = VmLines("a,600,1.5,,,,,,,,", "b,601,2,,,,,,,,9");
        var other = "\uFEFF" + plain.TrimEnd('\n').Replace("\n", "\r\n", StringComparison.Ordinal);

        Assert.Equal(Digest(Read(Write("plain.csv", plain))), Digest(Read(Gzip(other))));
        Assert.Empty(_problems);
    }

    [Fact]
    public void Options_name_every_violation_at_once()
    {
        var options = new TraceOptions { File = "", Step = TimeSpan.FromMilliseconds(1500), DefaultCores = 0, MetricName = "" };

        Assert.Equal(4, options.Violations().Count());
        Assert.Throws<ArgumentException>(() => TraceReader.Open(options, _problems.Add));
    }

    [Fact]
    public void Reading_allocates_nothing_per_row()
    {
        long AllocatedBy(int steps)
        {
            var lines = Enumerable.Range(1, steps).SelectMany(step => Enumerable.Range(0, 50).Select(
                vm => FormattableString.Invariant($"vm-{vm},{step * 300},{step % 97}.25,0.5,2,1.125,4,{vm},12345,1e3,77")));
            using var reader = TraceReader.Open(new TraceOptions { File = Write($"{steps}.csv", VmLines([.. lines])) }, _problems.Add);
            var before = GC.GetAllocatedBytesForCurrentThread();
            while (reader.TryReadStep())
            {
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // The least of three: the runtime's own work on this thread may allocate once in a while.
        Assert.Equal(Enumerable.Range(0, 3).Min(_ => AllocatedBy(100)), Enumerable.Range(0, 3).Min(_ => AllocatedBy(1000)));
        Assert.Empty(_problems);
    }

    [SharedFact("traces/bitbrains_rnd_small.csv.gz")]
    public void Real_trace_is_read_whole_without_a_verdict()
    {
        using var reader = TraceReader.Open(
            new TraceOptions { File = SharedFolder.Resolve("traces/bitbrains_rnd_small.csv.gz") }, _problems.Add);
        while (reader.TryReadStep())
        {
        }

        Assert.Equal((88_018L, 24), (reader.RowsRead, reader.Vms.Count));
        Assert.Empty(_problems);
    }

    [SharedFact("traces/azure2017_cpu_max.csv.gz")]
    public void Real_pair_of_mean_and_maximum_joins_every_row()
    {
        using var reader = TraceReader.Open(
            new TraceOptions
            {
                File = SharedFolder.Resolve("traces/azure2017_cpu_avg.csv.gz"),
                MaximumFile = SharedFolder.Resolve("traces/azure2017_cpu_max.csv.gz"),
            },
            _problems.Add);
        var unknown = 0;
        while (reader.TryReadStep())
        {
            foreach (var row in reader.Rows)
                unknown += row.CpuCoresMax >= 0 ? 0 : 1;
        }

        Assert.Equal((400_200L, 0L, 0), (reader.RowsRead, reader.Problems, unknown));
    }

    private List<string> _names = [];

    private List<(long Window, TraceRow[] Rows)> Read(string file) => Read(new TraceOptions { File = file });

    private List<(long Window, TraceRow[] Rows)> Read(TraceOptions options)
    {
        using var reader = TraceReader.Open(options, _problems.Add);
        var steps = new List<(long, TraceRow[])>();
        while (reader.TryReadStep())
            steps.Add((reader.Window, reader.Rows.ToArray()));
        Assert.Equal(_problems.Count, reader.Problems);
        _names = [.. Enumerable.Range(0, reader.Vms.Count).Select(vm => reader.Vms[vm])];
        return steps;
    }

    private static string Digest(List<(long Window, TraceRow[] Rows)> steps) =>
        string.Join('\n', steps.SelectMany(step => step.Rows.Select(
            row => $"{step.Window} {row.Vm} {row.TimestampSeconds} {row.CpuCores} {row.NetworkBytesPerSecond}")));

    private string Vm(params string[] lines) => Write("vm.csv", VmLines(lines));

    private static string VmLines(params string[] lines) => TraceLayouts.VmHeader + "\n" + string.Concat(lines.Select(line => line + "\n"));

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private string Gzip(string text)
    {
        var path = Path.Combine(_folder, "gzip-without-the-extension");
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }
}
