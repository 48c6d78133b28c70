namespace StreamAllocator.Backtest.Baselines;

/// <summary>
/// Mean and standard deviation of the last <c>n</c> values of many series in one dense array: O(1) per value. Values are kept as whole
/// millionths, so that the running sums are exact integers and drift by nothing in a year of adding and removing; a value is at most 10^9.
/// State: touched by one thread.
/// </summary>
internal sealed class MovingMoments(int series, int length)
{
    private const double Scale = 1e6;
    private const double Largest = 1e9;

    public long[] Ring { get; } = new long[series * length];

    public Moments[] Series { get; } = new Moments[series];

    public int Count(int index) => (int)Math.Min(Series[index].Seen, length);

    public void Add(int index, double value)
    {
        ref var moments = ref Series[index];
        ref var slot = ref Ring[index * length + (int)(moments.Seen % length)];
        var added = (long)Math.Round(Math.Clamp(value, 0, Largest) * Scale);
        if (moments.Seen >= length)
        {
            moments.Sum -= slot;
            moments.SumOfSquares -= (Int128)slot * slot;
        }

        slot = added;
        moments.Sum += added;
        moments.SumOfSquares += (Int128)added * added;
        moments.Seen++;
    }

    /// <summary>Mean and sample standard deviation (divisor n − 1); at least two values must have been added.</summary>
    public (double Mean, double Deviation) Of(int index)
    {
        var count = Count(index);
        ref readonly var moments = ref Series[index];
        var spread = (Int128)count * moments.SumOfSquares - (Int128)moments.Sum * moments.Sum;
        return (moments.Sum / Scale / count, Math.Sqrt((double)spread / count / (count - 1)) / Scale);
    }

    internal struct Moments
    {
        public long Seen;
        public long Sum;
        public Int128 SumOfSquares;
    }
}
