using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Pipeline.Tests.Logs;

public sealed class RecordArenaTests
{
    private static readonly TopicPartition Target = new("topic", 0);

    /// <summary>Lengths about the sizes of blocks: none, a few bytes, more than the first block, about a MiB, more than any block.</summary>
    private static readonly int[] Lengths = [0, 10, 5000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, 0, 100_000];

    [Fact]
    public void Records_of_any_length_come_back_as_they_were_again_and_again_after_each_clear()
    {
        using var outputs = new OutputBatch();
        for (var round = 0; round < 3; round++)
        {
            var written = Enumerable.Range(0, 50).Select(index => Value(index, Lengths[(index + round) % Lengths.Length])).ToList();
            foreach (var (value, index) in written.Select((value, index) => (value, index)))
                outputs.Append(Target, new EventTime(index), BitConverter.GetBytes(index), [1, 2], value);

            Assert.Equal(written.Sum(value => value.Length + sizeof(int) + 2L), outputs.ByteCount);
            for (var index = 0; index < written.Count; index++)
            {
                var record = outputs[index];
                Assert.Equal(index, BitConverter.ToInt32(record.Key));
                Assert.Equal<byte>([1, 2], record.Headers.ToArray());
                Assert.True(record.Value.SequenceEqual(written[index]), $"round {round}, record {index} of {written[index].Length} bytes");
            }

            outputs.Clear();
            Assert.Equal((0, 0), (outputs.Count, outputs.ByteCount));
        }
    }

    [Fact]
    public void Arenas_that_fill_in_turn_share_their_blocks()
    {
        using var one = new OutputBatch();
        using var other = new OutputBatch();
        void Fill(OutputBatch batch)
        {
            for (var index = 0; index < 40; index++)
                batch.Append(Target, new EventTime(0), [], [], new byte[900_000]);
            batch.Clear();
        }

        Fill(one);
        Fill(other);
        var value = new byte[900_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 0; index < 40; index++)
            one.Append(Target, new EventTime(0), [], [], value);
        one.Clear();
        for (var index = 0; index < 40; index++)
            other.Append(Target, new EventTime(0), [], [], value);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, value.Length);
    }

    private static byte[] Value(int seed, int length)
    {
        var value = new byte[length];
        new Random(seed).NextBytes(value);
        return value;
    }
}
