namespace StreamAllocator.Backtest.Traces;

/// <summary>Verdict on one row that could not be used: the row is left out, the reading goes on.</summary>
/// <param name="File">Path as given.</param>
/// <param name="Line">1 is the first line of the file.</param>
/// <param name="Found">The column and its text, shortened to 80 characters.</param>
public sealed record TraceProblem(string File, long Line, string Found, string Expected)
{
    public override string ToString() => FormattableString.Invariant($"{File}:{Line}: {Found}: expected {Expected}");
}
