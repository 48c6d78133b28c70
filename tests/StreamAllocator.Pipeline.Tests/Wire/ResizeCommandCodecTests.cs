using Google.Protobuf;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Wire;
using Generated = StreamAllocator.Schemas;

namespace StreamAllocator.Pipeline.Tests.Wire;

public sealed class ResizeCommandCodecTests
{
    private static readonly ResizeCommand Command = new(
        "vm-ä", "pool-1", 7, new VmSize(2.5, 8), new VmSize(2, 0), 3, new EventTime(1_700_000_000_000), new EventTime(1_700_000_300_000),
        "host-2", ["forecast above threshold", "", "permit"], "run-9");

    [Fact]
    public void Bytes_are_those_of_the_generated_class()
    {
        Assert.Equal(Generate(Command).ToByteArray(), Write(Command));
        var least = new ResizeCommand("v", "p", 1, default, default, 0, default, default, "", []);
        Assert.Equal(Generate(least).ToByteArray(), Write(least));
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var read = ResizeCommandCodec.Read(new ProtoReader(Generate(Command).ToByteArray()));

        Assert.Equal(Command.Reasons, read.Reasons);
        Assert.Equal(Command, read with { Reasons = Command.Reasons });
    }

    [Theory]
    [InlineData("", "p", 1UL, 1.0)]
    [InlineData("v", "", 1UL, 1.0)]
    [InlineData("v", "p", 0UL, 1.0)]
    [InlineData("v", "p", 1UL, double.NaN)]
    [InlineData("v", "p", 1UL, -1.0)]
    public void A_command_that_cannot_be_meant_is_malformed(string vmId, string poolId, ulong revision, double cores)
    {
        var message = new Generated.ResizeCommand
        {
            VmId = vmId,
            PoolId = poolId,
            Revision = revision,
            Target = new Generated.Size { CpuCores = cores },
        };

        Assert.Throws<WireFormatException>(() => ResizeCommandCodec.Read(new ProtoReader(message.ToByteArray())));
    }

    private static byte[] Write(ResizeCommand command)
    {
        var writer = new ProtoWriter();
        ResizeCommandCodec.WriteFields(writer, command);
        return writer.Written.ToArray();
    }

    private static Generated.ResizeCommand Generate(ResizeCommand command) => new()
    {
        VmId = command.VmId,
        PoolId = command.PoolId,
        Revision = (ulong)command.Revision,
        Target = new Generated.Size { CpuCores = command.Target.CpuCores, MemoryGib = command.Target.MemoryGib },
        Expected = new Generated.Size { CpuCores = command.Expected.CpuCores, MemoryGib = command.Expected.MemoryGib },
        Fence = (ulong)command.Fence,
        IssuedMs = command.Issued.UnixMilliseconds,
        ExpiryMs = command.Expiry.UnixMilliseconds,
        Placement = command.Placement,
        Reasons = { command.Reasons },
        RunId = command.RunId,
    };
}
