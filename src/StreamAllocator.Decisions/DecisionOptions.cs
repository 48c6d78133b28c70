using StreamAllocator.Domain;

namespace StreamAllocator.Decisions;

/// <summary>Every knob of the resource manager. The defaults are only here.</summary>
public sealed record DecisionOptions
{
    public PriorityRule Low { get; init; } = new(K: 3, Alpha: 0.05, MaxInterruptionsPerHour: 0.2);

    public PriorityRule Normal { get; init; } = new(K: 2, Alpha: 0.01, MaxInterruptionsPerHour: 0.05);

    public PriorityRule High { get; init; } = new(K: 1, Alpha: 0.005, MaxInterruptionsPerHour: 0.01);

    /// <summary>Critical VMs are never placed on spot capacity, whatever its interruption rate.</summary>
    public PriorityRule Critical { get; init; } = new(K: 0.5, Alpha: 0.001, MaxInterruptionsPerHour: 0);

    /// <summary>Without a rise of the mean a VM grows where its risk exceeds this multiple of α: between the two lies the hysteresis.</summary>
    public double RiskTolerance { get; init; } = 3;

    /// <summary>Recent maximum, times this, is a floor of the target.</summary>
    public double GuardMargin { get; init; } = 1.1;

    /// <summary>How far back the recent maximum looks.</summary>
    public TimeSpan GuardWindow { get; init; } = TimeSpan.FromHours(3);

    /// <summary>An increase below this share of the present size is not worth a command.</summary>
    public double UpDeadband { get; init; } = 0.05;

    /// <summary>A decrease below this share of the present size is not worth a command.</summary>
    public double DownDeadband { get; init; } = 0.1;

    /// <summary>Nor is one below this share of the provisioned size: the price of a change.</summary>
    public double DownDeadbandOfProvisioned { get; init; } = 0.02;

    /// <summary>One command shrinks by at most this share of the present size.</summary>
    public double MaxDownStep { get; init; } = 0.5;

    /// <summary>After a change, an increase waits this long unless it is urgent (saturation, or the next 15 minutes do not fit).</summary>
    public TimeSpan UpCooldown { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>After a change, a decrease waits this long.</summary>
    public TimeSpan DownCooldown { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A smaller size must have been enough for this long; the largest size wanted meanwhile is taken.</summary>
    public TimeSpan DownDwell { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Older samples are not evidence to shrink on, in windows and as time between tick and origin.</summary>
    public int StaleAfterWindows { get; init; } = 1;

    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A saturated VM gets its size times this.</summary>
    public double ProbeFactor { get; init; } = 2;

    /// <summary>The probed size is kept this long.</summary>
    public TimeSpan ProbeFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Saturation below this share of the present size was seen under a smaller one, and is over.</summary>
    public double SaturatedShare { get; init; } = 0.9;

    /// <summary>Share of the pool's capacity that only critical VMs may take, where the pool has any.</summary>
    public double ReserveShare { get; init; } = 0.1;

    /// <summary>Also reserves the capacity of the largest host, so that its loss is survived.</summary>
    public bool ReserveLargestHost { get; init; }

    /// <summary>Changes of the policy per hour in a pool, as a share of its VMs; the bucket holds one hour of it.</summary>
    public double MaxChangesPerVmHour { get; init; } = 0.5;

    /// <summary>A small pool may make this many changes per hour all the same.</summary>
    public double MinChangesPerHour { get; init; } = 10;

    /// <summary>Decreases leave this share of the bucket to increases.</summary>
    public double ChangesKeptForUps { get; init; } = 0.5;

    /// <summary>First wait after a denial or a failure; it doubles up to <see cref="BackOffMax"/>.</summary>
    public TimeSpan BackOffFirst { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A command must be applied within this time.</summary>
    public TimeSpan CommandTtl { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A command that is not read back this long after its expiry is taken for lost.</summary>
    public TimeSpan ReadBackGrace { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A size is good, for rollback, when it has stood this long without saturation.</summary>
    public TimeSpan GoodAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A rollback keeps the policy away this long.</summary>
    public TimeSpan RollbackHold { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Offers in another currency are left alone.</summary>
    public string Currency { get; init; } = "USD";

    /// <summary>The cost of a move is spread over this time when offers are compared.</summary>
    public TimeSpan MovePaysWithin { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Another offer than the last one must be cheaper by this share.</summary>
    public double PriceHysteresis { get; init; } = 0.1;

    /// <summary>Step of an allocation where no host says otherwise: cores, GiB.</summary>
    public VmSize DefaultGranularity { get; init; } = new(0.01, 0.0625);

    public PriorityRule Of(Priority priority) => priority switch
    {
        Priority.Low => Low,
        Priority.Normal => Normal,
        Priority.High => High,
        Priority.Critical => Critical,
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "no rule for it"),
    };

    /// <summary>Every violation, each with what was found and what was expected; empty if the options are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var violations = new List<string>();
        foreach (var priority in Enum.GetValues<Priority>())
        {
            var rule = Of(priority);
            Require(rule.K is >= 0 and <= 100, $"{priority}.K", rule.K, "0 to 100");
            Require(rule.Alpha is > 0 and <= 0.5, $"{priority}.Alpha", rule.Alpha, "above 0, at most 0.5");
            Require(rule.MaxInterruptionsPerHour >= 0, $"{priority}.MaxInterruptionsPerHour", rule.MaxInterruptionsPerHour, "0 or more");
            if (priority == Priority.Low)
                continue;
            var lower = Of(priority - 1);
            Require(rule.K <= lower.K, $"{priority}.K", rule.K, $"at most that of {priority - 1}, so that it acts no later");
            Require(rule.Alpha <= lower.Alpha, $"{priority}.Alpha", rule.Alpha, $"at most that of {priority - 1}");
        }

        Require(RiskTolerance >= 1, nameof(RiskTolerance), RiskTolerance, "1 or more");
        Require(GuardMargin is >= 0 and <= 10, nameof(GuardMargin), GuardMargin, "0 to 10");
        Require(ProbeFactor is > 1 and <= 10, nameof(ProbeFactor), ProbeFactor, "above 1, at most 10");
        Require(MaxDownStep is > 0 and <= 1, nameof(MaxDownStep), MaxDownStep, "above 0, at most 1");
        Share(UpDeadband, nameof(UpDeadband));
        Share(DownDeadband, nameof(DownDeadband));
        Share(DownDeadbandOfProvisioned, nameof(DownDeadbandOfProvisioned));
        Share(SaturatedShare, nameof(SaturatedShare));
        Share(ReserveShare, nameof(ReserveShare));
        Share(ChangesKeptForUps, nameof(ChangesKeptForUps));
        Share(PriceHysteresis, nameof(PriceHysteresis));
        Require(MaxChangesPerVmHour >= 0, nameof(MaxChangesPerVmHour), MaxChangesPerVmHour, "0 or more");
        Require(MinChangesPerHour >= 1, nameof(MinChangesPerHour), MinChangesPerHour, "1 or more");
        Require(StaleAfterWindows >= 0, nameof(StaleAfterWindows), StaleAfterWindows, "0 or more");
        Positive(GuardWindow, nameof(GuardWindow));
        Positive(StaleAfter, nameof(StaleAfter));
        Positive(ProbeFor, nameof(ProbeFor));
        Positive(BackOffFirst, nameof(BackOffFirst));
        Positive(CommandTtl, nameof(CommandTtl));
        Positive(MovePaysWithin, nameof(MovePaysWithin));
        NotNegative(UpCooldown, nameof(UpCooldown));
        NotNegative(DownCooldown, nameof(DownCooldown));
        NotNegative(DownDwell, nameof(DownDwell));
        NotNegative(ReadBackGrace, nameof(ReadBackGrace));
        NotNegative(GoodAfter, nameof(GoodAfter));
        NotNegative(RollbackHold, nameof(RollbackHold));
        if (BackOffMax < BackOffFirst)
            violations.Add($"BackOffMax {BackOffMax}: expected at least BackOffFirst {BackOffFirst}");
        if (DownCooldown < UpCooldown)
            violations.Add($"DownCooldown {DownCooldown}: expected at least UpCooldown {UpCooldown}: up fast, down slow");
        if (Currency.Length != 3)
            violations.Add($"Currency '{Currency}': expected three letters (ISO 4217)");
        if (DefaultGranularity.CpuCores <= 0 || DefaultGranularity.MemoryGib <= 0)
            violations.Add($"DefaultGranularity {DefaultGranularity}: expected more than 0 of each");
        return violations;

        void Share(double value, string name) => Require(value is >= 0 and < 1, name, value, "0 to below 1");
        void Positive(TimeSpan value, string name) => Require(value > TimeSpan.Zero, name, value.TotalSeconds, "more than 0 seconds");
        void NotNegative(TimeSpan value, string name) => Require(value >= TimeSpan.Zero, name, value.TotalSeconds, "0 seconds or more");
        void Require(bool holds, string name, double found, string expected)
        {
            if (!holds)
                violations.Add(FormattableString.Invariant($"{name} {found}: expected {expected}"));
        }
    }
}
