using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;

namespace StreamAllocator.Streams;

/// <summary>The actor system that carries the graphs. It is silent (failures are reported by who runs the graph) and leaves signals to the host.</summary>
public static class ShardThreads
{
    private const string Pinned = "streamallocator.pinned";

    /// <summary>Events (a turn has about two) after which the interpreter looks at its mailbox, where the kill switches arrive.</summary>
    private const int EventsBetweenMessages = 4;

    private const string Settings = """
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.exit-clr = off
        }
        streamallocator.pinned {
          type = PinnedDispatcher
        }
        """;

    public static Config Configuration { get; } = ConfigurationFactory.ParseString(Settings);

    public static ActorSystem CreateSystem() => ActorSystem.Create("streamallocator", Configuration);

    /// <summary>
    /// Gives each graph a thread of its own, on which it may block: polls do, for up to their wait, and clients of logs want all calls from
    /// one thread.
    /// </summary>
    public static ActorMaterializer Materializer(ActorSystem system) =>
        ActorMaterializer.Create(
            system,
            ActorMaterializerSettings.Create(system)
                .WithDispatcher(Pinned)
                .WithInputBuffer(1, 1)
                .WithSyncProcessingLimit(EventsBetweenMessages));
}
