using System.Buffers;
using System.Globalization;
using StreamAllocator.Forecasting;
using StreamAllocator.Pipeline.Decide;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Tests.Predict;
using StreamAllocator.Pipeline.Wire;
using StreamAllocator.Windowing;
using Xunit.Abstractions;
using Headers = StreamAllocator.Pipeline.Wire.SchemaHeaders;

namespace StreamAllocator.Pipeline.Tests;

/// <summary>
/// What a VM costs in the state of predict and decide, part by part. The arrays say their own size; the rest is what a task saves for one VM
/// more, ids and inventory included.
/// </summary>
public sealed class StateBytesTests(ITestOutputHelper output)
{
    private const int MostBytesPerVm = 16 * 1024;
    private const int Few = 8;
    private const int Many = 24;
    private const int Windows = 40;

    [Fact]
    public void A_VM_takes_at_most_16_KiB_in_predict_and_decide()
    {
        var few = Saved(Few);
        var many = Saved(Many);
        var predict = (many.Predict - few.Predict) / (Many - Few);
        var decide = (many.Decide - few.Decide) / (Many - Few);
        var engine = new ForecastEngine(new ForecastOptions());
        var dense = engine.BytesPerVm + WindowBank.BytesPerVm(openWindows: 0);
        var open = WindowBank.BytesPerVm(WindowBank.OpenWindows) - WindowBank.BytesPerVm(openWindows: 0);

        foreach (var part in engine.StateParts)
            Print("predict: " + part.Name, part.Bytes);
        Print("predict: all windows open", open);
        Print("predict: inventory and bookkeeping", predict - dense);
        Print("decide: all of it", decide);
        Print("sum", predict + open + decide);

        Assert.Equal(engine.BytesPerVm, engine.StateParts.Sum(part => part.Bytes));
        Assert.InRange(predict, dense, dense + 1024);
        Assert.InRange(decide, 200, 4096);
        Assert.InRange(predict + open + decide, 1, MostBytesPerVm);
    }

    private void Print(string part, int bytes) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes,7:N0}  {part}"));

    private static (int Predict, int Decide) Saved(int vms)
    {
        using var predict = new PredictFold(vms);
        using var inputs = new RecordBatch();
        using var decisions = new OutputBatch();
        var decide = new DecideTask(new DecideOptions(), PredictFold.Topics, 0, 1, 1);
        var writer = new ProtoWriter();
        inputs.Reset(new TopicPartition(PredictFold.Topics.PoolInputs, 0));
        for (var vm = 0; vm < vms; vm++)
        {
            writer.Clear();
            var mark = writer.Begin(2);
            VmSpecCodec.WriteFields(writer, PredictFold.Spec(vm));
            writer.End(mark);
            inputs.Append(inputs.Count, predict.Time, [], Headers.PoolInputs, writer.Written);
        }

        for (var window = 0; window < Windows; window++)
        {
            predict.Fold(1);
            CopyPoolInputs(predict.Outputs, inputs);
            writer.Clear();
            new Tick(TickSource.Execute, 0, 1, predict.Time).Write(writer, 15);
            inputs.Append(inputs.Count, predict.Time, [], Headers.PoolInputs, writer.Written);
            decisions.Clear();
            decide.Step(inputs, decisions);
            inputs.Reset(inputs.Source);
        }

        Assert.True(decisions.Count >= vms, $"{decisions.Count} records of the last tick: expected a decision for each VM");
        var state = new ArrayBufferWriter<byte>();
        decide.Save(state);
        return (predict.Save().Length, state.WrittenCount);
    }

    private static void CopyPoolInputs(OutputBatch from, RecordBatch to)
    {
        for (var index = 0; index < from.Count; index++)
        {
            if (from.Target(index).Topic == PredictFold.Topics.PoolInputs)
                to.Append(to.Count, from[index].Time, from[index].Key, from[index].Headers, from[index].Value);
        }
    }
}
