namespace StreamAllocator.Chaos.Tests.Live;

internal enum FaultKind
{
    /// <summary>SIGKILL, and a new start within a second.</summary>
    Kill,

    /// <summary>SIGKILL, and a new start only after the other instance has taken over.</summary>
    LongKill,

    /// <summary>SIGSTOP for longer than the session timeout, then SIGCONT.</summary>
    Freeze,

    /// <summary>SIGTERM and start, one instance after the other.</summary>
    RollingRestart,

    /// <summary>SIGKILL of the broker, and its start on what is on the disk.</summary>
    BrokerKill,
}
