using System.Text;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Wire;

namespace StreamAllocator.Cli.Records;

/// <summary>
/// The inventory as its topics hold it now, in order of ids. As ingest does, which dead-letters it, this leaves out a record that cannot be used:
/// what its entry was before still counts.
/// </summary>
internal sealed class NewestInventory(IEventLog log, Topics topics)
{
    public List<VmSpec> Vms() =>
        Read(topics.Vms, static value => VmSpecCodec.Read(new ProtoReader(value)), static vm => vm.VmId, static vm => vm.Violations());

    public List<HostSpec> Hosts() =>
        Read(topics.Hosts, static value => HostSpecCodec.Read(new ProtoReader(value)), static host => host.HostId, static host => host.Violations());

    private List<T> Read<T>(string topic, Func<byte[], T> read, Func<T, string> id, Func<T, IEnumerable<string>> violations)
    {
        var newest = new SortedDictionary<string, T>(StringComparer.Ordinal);
        TopicReader.Read(
            log,
            log.Topics().First(spec => spec.Name == topic),
            from: null,
            follow: false,
            (_, in record) =>
            {
                var key = Encoding.UTF8.GetString(record.Key);
                if (record.Value.IsEmpty)
                    newest.Remove(key);
                else if (TryRead(record.Value.ToArray(), out var entry) && id(entry) == key && !violations(entry).Any())
                    newest[key] = entry;
                return true;
            },
            CancellationToken.None);
        return [.. newest.Values];

        bool TryRead(byte[] value, out T entry)
        {
            try
            {
                entry = read(value);
                return true;
            }
            catch (WireFormatException)
            {
                entry = default!;
                return false;
            }
        }
    }
}
