using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Ingest.Inventory;
using StreamAllocator.Pipeline.Logs;
using Wire = StreamAllocator.Schemas;

namespace StreamAllocator.Ingest.Tests.Inventory;

public sealed class InventoryIngestTaskTests
{
    private const int VmPartitions = 5;
    private const int PoolPartitions = 7;

    private static readonly EventTime Time = EventTime.From(new DateTimeOffset(2025, 8, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_VM_goes_to_its_own_partition_and_to_its_pools()
    {
        var spec = Vm("vm-a", "pool-1");
        using var harness = New(InventoryKind.Vms).Fold("vm-a", spec.ToByteArray(), Time);

        var (vmPartition, vmInput) = Assert.Single(harness.VmInputs);
        Assert.Equal(StableHash.Partition("vm-a", VmPartitions), vmPartition);
        Assert.Equal(spec, vmInput.Vm.Spec);
        var (poolPartition, poolInput) = Assert.Single(harness.PoolInputs);
        Assert.Equal(StableHash.Partition("pool-1", PoolPartitions), poolPartition);
        Assert.Equal(new Wire.PoolInputs { Vm = spec }, poolInput);
    }

    [Fact]
    public void The_zone_of_a_VM_is_resolved_from_a_year_before_to_ten_years_after()
    {
        using var harness = New(InventoryKind.Vms).Fold("vm-a", Vm("vm-a", "p", "Europe/Berlin").ToByteArray(), Time);

        var inventory = harness.VmInputs.Single().Value.Vm;
        var zone = new ZoneOffsets([.. inventory.ZoneFromMs.Select(time => new EventTime(time))], [.. inventory.ZoneOffsetMinutes]);
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        for (var hour = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero); hour.Year < 2036; hour = hour.AddHours(1))
            Assert.Equal((int)berlin.GetUtcOffset(hour).TotalMinutes, zone.At(EventTime.From(hour)));
        foreach (var change in zone.From.Skip(1).Select(time => time.ToDateTimeOffset()))
            Assert.NotEqual(berlin.GetUtcOffset(change), berlin.GetUtcOffset(change.AddMinutes(-1)));
        Assert.Equal(1 + 2 * 12, zone.From.Count);
    }

    [Fact]
    public void A_VM_without_a_zone_is_in_UTC()
    {
        using var harness = New(InventoryKind.Vms).Fold("vm-a", Vm("vm-a", "p", "").ToByteArray(), Time);

        Assert.Equal([0], harness.VmInputs.Single().Value.Vm.ZoneOffsetMinutes);
    }

    [Fact]
    public void An_empty_value_removes_the_VM_everywhere_once()
    {
        using var harness = New(InventoryKind.Vms).Fold("vm-a", Vm("vm-a", "pool-1").ToByteArray(), Time).Fold("vm-a", [], Time).Fold("vm-a", [], Time);

        Assert.Equal(2, harness.VmInputs.Count);
        Assert.True(harness.VmInputs[1].Value.Vm.Removed);
        Assert.Equal("vm-a", harness.VmInputs[1].Value.Vm.Spec.VmId);
        Assert.Equal(2, harness.PoolInputs.Count);
        Assert.Equal((StableHash.Partition("pool-1", PoolPartitions), "vm-a"), (harness.PoolInputs[1].Partition, harness.PoolInputs[1].Value.RemovedVmId));
    }

    [Fact]
    public void A_VM_that_changes_its_pool_leaves_the_old_one_first_also_after_a_restart()
    {
        using var before = New(InventoryKind.Vms).Fold("vm-a", Vm("vm-a", "pool-1").ToByteArray(), Time).Fold("vm-b", Vm("vm-b", "pool-1").ToByteArray(), Time);
        using var harness = before.Restore(Task(InventoryKind.Vms));
        harness.Fold("vm-a", Vm("vm-a", "pool-2").ToByteArray(), Time);

        Assert.Equal(
            [(StableHash.Partition("pool-1", PoolPartitions), "vm-a"), (StableHash.Partition("pool-2", PoolPartitions), "")],
            harness.PoolInputs.Select(input => (input.Partition, input.Value.RemovedVmId)));
        Assert.Equal("pool-2", harness.PoolInputs[1].Value.Vm.PoolId);
        Assert.Equal("pool-2", Assert.Single(harness.VmInputs).Value.Vm.Spec.PoolId);
    }

    [Fact]
    public void Hosts_and_offers_go_to_their_pool_only()
    {
        var host = new Wire.HostSpec { HostId = "h", PoolId = "p", Capacity = Size(64, 256), Granularity = Size(0.01, 0.25) };
        var offer = new Wire.Offer { OfferId = "o", PoolId = "p", PricePerCoreHour = 0.02, Currency = "EUR", Capacity = Size(100, 400) };
        using var hosts = New(InventoryKind.Hosts).Fold("h", host.ToByteArray(), Time).Fold("h", [], Time);
        using var offers = New(InventoryKind.Offers).Fold("o", offer.ToByteArray(), Time).Fold("o", [], Time);

        Assert.Equal([new Wire.PoolInputs { Host = host }, new Wire.PoolInputs { RemovedHostId = "h" }], hosts.PoolInputs.Select(input => input.Value));
        Assert.Equal([new Wire.PoolInputs { Offer = offer }, new Wire.PoolInputs { RemovedOfferId = "o" }], offers.PoolInputs.Select(input => input.Value));
        Assert.Empty(hosts.VmInputs);
    }

    public static TheoryData<string, string, Wire.VmSpec> InvalidVms() => new()
    {
        { "vm_id ''", "", Vm("", "p") },
        { "pool_id ''", "a", Vm("a", "") },
        { "time_zone 'Mars/Base'", "a", Vm("a", "p", "Mars/Base") },
        { "priority 9", "a", new Wire.VmSpec(Vm("a", "p")) { Priority = (Wire.Priority)9 } },
        { "provisioned Cpu 0", "a", new Wire.VmSpec(Vm("a", "p")) { Provisioned = Size(0, 8) } },
        { "expected lower", "a", new Wire.VmSpec(Vm("a", "p")) { Lower = Size(9, 1) } },
        { "key 'b'", "b", Vm("a", "p") },
    };

    [Theory]
    [MemberData(nameof(InvalidVms))]
    public void A_VM_that_breaks_a_rule_is_invalid_and_changes_nothing(string detail, string key, Wire.VmSpec spec)
    {
        using var harness = New(InventoryKind.Vms).Fold(key, spec.ToByteArray(), Time);

        var letter = Assert.Single(harness.DeadLetters);
        Assert.Equal(Wire.DeadLetterCause.Invalid, letter.Cause);
        Assert.Contains(detail, letter.Detail, StringComparison.Ordinal);
        Assert.Empty(harness.VmInputs);
        Assert.Empty(harness.PoolInputs);
    }

    [Fact]
    public void A_size_that_is_none_and_bytes_that_are_none_are_malformed()
    {
        var spec = new Wire.VmSpec(Vm("a", "p")) { Upper = Size(double.NaN, 1) };
        using var harness = New(InventoryKind.Vms).Fold("a", spec.ToByteArray(), Time).Fold("a", "nonsense"u8.ToArray(), Time);

        Assert.All(harness.DeadLetters, letter => Assert.Equal(Wire.DeadLetterCause.Malformed, letter.Cause));
        Assert.Equal(2, harness.DeadLetters.Count);
    }

    [Fact]
    public void Another_schema_and_an_oversized_value_are_refused_unread()
    {
        var header = RecordHeaders.ForSchema("streamallocator.v1.HostSpec");
        using var harness = New(InventoryKind.Vms).Fold("a", Vm("a", "p").ToByteArray(), Time, header).Fold("a", new byte[(1 << 20) + 1], Time);

        Assert.Equal([Wire.DeadLetterCause.UnknownSchema, Wire.DeadLetterCause.Oversized], harness.DeadLetters.Select(letter => letter.Cause));
    }

    [Theory]
    [InlineData(InventoryKind.Vms)]
    [InlineData(InventoryKind.Hosts)]
    [InlineData(InventoryKind.Offers)]
    public void Garbage_never_throws_and_every_record_is_accounted_for(InventoryKind kind)
    {
        var random = new SeededRandom((ulong)kind + 1);
        var task = (InventoryIngestTask)Task(kind);
        using var harness = new EdgeHarness(EdgeHarness.Topics.Vms, task);
        var good = Vm("vm-a", "pool-1").ToByteArray();
        for (var round = 0; round < 2000; round++)
        {
            var bytes = good.ToArray();
            for (var change = 1 + random.NextInt32(4); change > 0; change--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            harness.Fold("vm-a", bytes[..(bytes.Length - random.NextInt32(bytes.Length))], Time);
        }

        Assert.Equal(2000, task.Counts.Accepted + harness.DeadLetters.Count);
        Assert.True(harness.DeadLetters.Count > 100);
    }

    private static EdgeHarness New(InventoryKind kind) => new(EdgeHarness.Topics.Vms, Task(kind));

    private static InventoryIngestTask Task(InventoryKind kind) => new(EdgeHarness.Topics, kind, VmPartitions, PoolPartitions, new IngestOptions());

    private static Wire.VmSpec Vm(string id, string pool, string zone = "UTC") => new()
    {
        VmId = id,
        PoolId = pool,
        Provisioned = Size(4, 8),
        Lower = Size(0.5, 1),
        Upper = Size(8, 16),
        Priority = Wire.Priority.High,
        TimeZone = zone,
        JobClass = "web",
    };

    private static Wire.Size Size(double cores, double gib) => new() { CpuCores = cores, MemoryGib = gib };
}
