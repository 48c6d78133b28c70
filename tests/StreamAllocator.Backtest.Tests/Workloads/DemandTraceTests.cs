using StreamAllocator.Backtest.Traces;
using StreamAllocator.Backtest.Workloads;
using StreamAllocator.Domain;
using StreamAllocator.Testing;

namespace StreamAllocator.Backtest.Tests.Workloads;

public sealed class DemandTraceTests
{
    private static readonly DemandTrace Azure = DemandTrace.Azure(seed: 7);

    [Fact]
    public void Excerpt_has_twenty_vms_of_fourteen_days_with_sizes_by_rule()
    {
        Assert.Equal((20, 14 * 288), (Azure.VmCount, Azure.Period));
        Assert.Equal(20, Enumerable.Range(0, 20).Select(Azure.VmId).Distinct().Count());
        Assert.All(Enumerable.Range(0, 20), vm => Assert.Contains(Azure.Provisioned(vm).CpuCores, new double[] { 2, 4, 8 }));
        Assert.All(Enumerable.Range(0, 20), vm => Assert.Equal(4 * Azure.Provisioned(vm).CpuCores, Azure.Provisioned(vm).MemoryGib));
    }

    [Fact]
    public void Output_names_the_source_the_licence_and_what_is_a_model()
    {
        Assert.Contains("AzurePublicDataset V1", Azure.Source, StringComparison.Ordinal);
        Assert.Contains("CC-BY 4.0", Azure.Source, StringComparison.Ordinal);
        Assert.Contains("not measured", Azure.Source, StringComparison.Ordinal);
    }

    [SharedFact("traces/azure2017_cpu_avg.csv.gz")]
    public void Excerpt_holds_the_values_of_the_trace_unchanged()
    {
        var options = new TraceOptions
        {
            File = SharedFolder.Resolve("traces/azure2017_cpu_avg.csv.gz"),
            MaximumFile = SharedFolder.Resolve("traces/azure2017_cpu_max.csv.gz"),
        };
        using var reader = TraceReader.Open(options, problem => Assert.Fail(problem.ToString()));
        var index = Enumerable.Range(0, Azure.VmCount).ToDictionary(Azure.VmId);
        var compared = 0;
        while (reader.TryReadStep() && reader.Window < Azure.FirstWindow + Azure.Period)
        {
            foreach (var row in reader.Rows)
            {
                if (!index.TryGetValue(reader.Vms[row.Vm], out var vm))
                    continue;
                var demand = Azure.At(vm, reader.Window);
                Assert.Equal(row.CpuCores * Azure.Provisioned(vm).CpuCores, demand.CpuCores, 1e-5);
                Assert.Equal(row.CpuCoresMax * Azure.Provisioned(vm).CpuCores, demand.CpuCoresMax, 1e-5);
                compared++;
            }
        }

        Assert.Equal(20 * 14 * 288, compared);
    }

    [Fact]
    public void Demand_depends_on_seed_vm_and_window_alone()
    {
        var again = DemandTrace.Azure(seed: 7);
        var windows = Enumerable.Range(0, 400).Select(at => Azure.FirstWindow + at * 31L).ToArray();
        var forward = windows.Select(window => Azure.At(3, window)).ToArray();
        var backward = windows.Reverse().Select(window => again.At(3, window)).Reverse().ToArray();

        Assert.Equal(forward, backward);
        var other = DemandTrace.Azure(seed: 8);
        Assert.NotEqual(forward, windows.Select(window => other.At(3, window)).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14 * 288 * 26)]
    [InlineData(-14 * 288 * 3)]
    public void Cpu_repeats_after_its_period_for_ever_and_the_rest_stays_within_the_vm(int offset)
    {
        for (var vm = 0; vm < Azure.VmCount; vm++)
        {
            for (var at = 0; at < Azure.Period; at += 97)
            {
                var first = Azure.At(vm, Azure.FirstWindow + at);
                var later = Azure.At(vm, Azure.FirstWindow + at + offset);
                Assert.Equal((first.CpuCores, first.CpuCoresMax), (later.CpuCores, later.CpuCoresMax));
                Assert.InRange(later.CpuCores, 0, Azure.Provisioned(vm).CpuCores);
                Assert.InRange(later.CpuCoresMax, later.CpuCores, Azure.Provisioned(vm).CpuCores * 1.0001);
                Assert.InRange(later.MemoryGib, 0.02 * Azure.Provisioned(vm).MemoryGib, 0.97 * Azure.Provisioned(vm).MemoryGib);
                Assert.InRange(later.DiskBytesPerSecond, 0, 400 * 1024 * 1024);
                Assert.InRange(later.NetworkBytesPerSecond, 2048, 10e9);
            }
        }
    }

    [Fact]
    public void Model_has_the_shape_that_its_description_promises()
    {
        var demands = Enumerable.Range(0, Azure.Period).Select(at => Azure.At(0, Azure.FirstWindow + at)).ToArray();
        var silent = demands.Count(demand => demand.DiskBytesPerSecond == 0) / (double)demands.Length;
        var bursts = demands.Count(demand => demand.DiskBytesPerSecond > 20 * 1024 * 1024);

        Assert.InRange(silent, 0.2, 0.75);
        Assert.InRange(bursts, 14 * 2, 14 * 20);
        Assert.True(LagOne(demands, demand => demand.MemoryGib) > 0.9, "memory moves slowly");
        Assert.True(Correlation(demands, demand => demand.CpuCores, demand => demand.NetworkBytesPerSecond) > 0.5, "network follows CPU");
    }

    [Fact]
    public void More_vms_than_the_trace_are_copies_that_do_not_surge_together()
    {
        var fleet = DemandTrace.Azure(seed: 7, vms: 45);

        Assert.Equal(45, Enumerable.Range(0, 45).Select(fleet.VmId).Distinct().Count());
        Assert.Equal(Azure.At(4, Azure.FirstWindow + 9), fleet.At(4, Azure.FirstWindow + 9));
        var share = (int vm, long window) => fleet.At(vm, window).CpuCores / fleet.Provisioned(vm).CpuCores;
        var windows = Enumerable.Range(0, 300).Select(at => fleet.FirstWindow + at).ToArray();
        Assert.NotEqual(windows.Select(window => share(0, window)), windows.Select(window => share(20, window)));
        Assert.Equal(share(0, fleet.FirstWindow + 2 * (288 + 37)), share(40, fleet.FirstWindow), 6);
    }

    [Fact]
    public void Trace_keeps_what_it_states_and_the_model_fills_only_what_it_lacks()
    {
        // window 1: a has two samples, mean 2; window 2 missing → 2 again; window 3: 5
        var demand = Read("a,300,,1,4,3,16,100,10,,", "a,360,,3,4,3,16,100,30,,", "c,300,,,,1,,,,,", "a,900,,5,4,6,16,0,0,,", "b,930,,0.5,,,,,,7,8");

        Assert.Equal((2, 3), (demand.VmCount, demand.Period));
        Assert.Equal(["a", "b"], [demand.VmId(0), demand.VmId(1)]);
        Assert.Equal([2.0, 2.0, 5.0, 2.0], Enumerable.Range(1, 4).Select(window => demand.At(0, window).CpuCores));
        Assert.Equal([3.0, 3.0, 5.0], Enumerable.Range(1, 3).Select(window => demand.At(0, window).CpuCoresMax));
        Assert.Equal([3.0, 3.0, 6.0], Enumerable.Range(1, 3).Select(window => demand.At(0, window).MemoryGib));
        Assert.Equal(120, demand.At(0, 1).DiskBytesPerSecond);
        Assert.True(demand.At(0, 1).NetworkBytesPerSecond > 0);
        Assert.Equal((15.0, 0.5), (demand.At(1, 1).NetworkBytesPerSecond, demand.At(1, 1).CpuCores));
        Assert.Equal((new VmSize(4, 16), new VmSize(1, 4)), (demand.Provisioned(0), demand.Provisioned(1)));
        Assert.Contains("not measured", demand.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void Trace_without_cpu_is_an_error()
    {
        Assert.Throws<InvalidDataException>(() => Read("a,300,,,,3,16,100,10,,"));
    }

    private static DemandTrace Read(params string[] lines)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, [TraceLayouts.VmHeader, .. lines]);
            using var reader = TraceReader.Open(new TraceOptions { File = path }, problem => Assert.Fail(problem.ToString()));
            return DemandTrace.Read(reader, seed: 1);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double LagOne(Demand[] demands, Func<Demand, double> of) =>
        Correlation([.. demands.Zip(demands.Skip(1))], pair => of(pair.First), pair => of(pair.Second));

    private static double Correlation<T>(T[] items, Func<T, double> left, Func<T, double> right)
    {
        var (x, y) = (items.Average(left), items.Average(right));
        return items.Sum(item => (left(item) - x) * (right(item) - y))
            / Math.Sqrt(items.Sum(item => Math.Pow(left(item) - x, 2)) * items.Sum(item => Math.Pow(right(item) - y, 2)));
    }
}
