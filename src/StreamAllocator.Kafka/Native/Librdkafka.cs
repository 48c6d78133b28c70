using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace StreamAllocator.Kafka.Native;

/// <summary>
/// The few calls of librdkafka that Confluent.Kafka does not hand on: a partition's own queue, taken in batches, and a message produced out of
/// a span. Nothing is allocated per record on this side. The library is the one that Confluent.Kafka has loaded.
/// </summary>
internal static unsafe partial class Librdkafka
{
    public const int PartitionEof = -191;
    public const int CopyAndBlock = 0x2 | 0x4;

    private const string Library = "librdkafka";

    /// <summary>Builds that Confluent.Kafka brings for a platform, in the order in which it tries them: the first needs libsasl2, the last musl.</summary>
    private static readonly string[] Builds = [Library, "centos8-librdkafka", "alpine-librdkafka"];

    static Librdkafka() => NativeLibrary.SetDllImportResolver(typeof(Librdkafka).Assembly, (name, _, _) =>
    {
        foreach (var build in name == Library ? Builds : [])
        {
            if (NativeLibrary.TryLoad(build, typeof(IClient).Assembly, null, out var loaded))
                return loaded;
        }

        return 0;
    });

    /// <summary>The client behind one of Confluent.Kafka's; lives as long as that.</summary>
    public static nint Client(IClient client) => ((SafeHandle)HandleOf(client.Handle)).DangerousGetHandle();

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_consumer")]
    public static partial nint ConsumerQueue(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_get_partition", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint PartitionQueue(nint client, string topic, int partition);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_forward")]
    public static partial void Forward(nint queue, nint target);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_length")]
    public static partial nuint QueueLength(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_cb_event_enable")]
    public static partial void OnFilled(nint queue, delegate* unmanaged[Cdecl]<nint, nint, void> callback, nint opaque);

    [LibraryImport(Library, EntryPoint = "rd_kafka_queue_destroy")]
    public static partial void ReleaseQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "rd_kafka_consume_batch_queue")]
    public static partial nint ConsumeBatch(nint queue, int timeoutMilliseconds, Message** messages, nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_timestamp")]
    [SuppressGCTransition]
    public static partial long Timestamp(Message* message, int* kind);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_headers")]
    public static partial int Headers(Message* message, nint* headers);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_get_all")]
    [SuppressGCTransition]
    public static partial int Header(nint headers, nuint index, byte** name, byte** value, nuint* length);

    [LibraryImport(Library, EntryPoint = "rd_kafka_message_destroy")]
    public static partial void Release(Message* message);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Topic(nint client, string name, nint configuration);

    [LibraryImport(Library, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void ReleaseTopic(nint topic);

    [LibraryImport(Library, EntryPoint = "rd_kafka_headers_new")]
    public static partial nint NewHeaders(nuint capacity);

    [LibraryImport(Library, EntryPoint = "rd_kafka_header_add")]
    public static partial int AddHeader(nint headers, byte* name, nint nameLength, byte* value, nint length);

    [LibraryImport(Library, EntryPoint = "rd_kafka_headers_destroy")]
    public static partial void ReleaseHeaders(nint headers);

    /// <returns>Null, or an error to be released.</returns>
    [LibraryImport(Library, EntryPoint = "rd_kafka_produceva")]
    public static partial nint Produce(nint client, ProduceArgument* arguments, nuint count);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_code")]
    public static partial int ErrorCode(nint error);

    [LibraryImport(Library, EntryPoint = "rd_kafka_error_destroy")]
    public static partial void ReleaseError(nint error);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle handle);
}
