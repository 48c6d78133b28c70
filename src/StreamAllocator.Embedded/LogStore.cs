using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;
using StreamAllocator.Pipeline.Logs.Local;

namespace StreamAllocator.Embedded;

/// <summary>
/// The tables of the log and the statements on them. A row of <c>chunks</c> holds what one commit wrote to one partition; its key is the
/// partition's number (19 bits) above the first record's offset (44 bits), so that a partition lies together in order of its offsets.
/// </summary>
internal sealed class LogStore : IDisposable
{
    private const int OffsetBits = 44;
    private const int FormatVersion = 1;

    // "SAlg": tells the file from any other SQLite database.
    private const int ApplicationId = 0x53416C67;

    private readonly Database _database;
    private readonly string _path;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _insert;
    private readonly Statement _moveOffset;
    private readonly Statement _at;
    private readonly Statement _from;
    private readonly Statement _probe;
    private readonly Statement _last;
    private readonly Statement _byTime;
    private readonly Statement _replace;
    private readonly Statement _delete;
    private readonly Statement _setCleaned;
    private bool _full;
    private bool _broken;

    private LogStore(Database database, string path)
    {
        _database = database;
        _path = path;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _insert = database.Prepare(
            "INSERT INTO chunks (key, next, max_time, highest_time, checksum, records) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
        _moveOffset = database.Prepare(
            "INSERT INTO offsets (consumer_group, partition, next) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET next = excluded.next");
        _at = database.Prepare("SELECT key, next FROM chunks WHERE key <= ?1 AND key >= ?2 ORDER BY key DESC LIMIT 1");
        _from = database.Prepare("SELECT key, next, max_time, checksum, records FROM chunks WHERE key >= ?1 AND key < ?2 ORDER BY key");
        _probe = database.Prepare("SELECT highest_time FROM chunks WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT 1");
        _last = database.Prepare("SELECT key, next, highest_time FROM chunks WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT 1");
        _byTime = database.Prepare(
            "SELECT key, checksum, records FROM chunks WHERE key >= ?1 AND key < ?2 AND max_time >= ?3 ORDER BY key LIMIT 1");
        _replace = database.Prepare("UPDATE chunks SET max_time = ?2, checksum = ?3, records = ?4 WHERE key = ?1");
        _delete = database.Prepare("DELETE FROM chunks WHERE key = ?1");
        _setCleaned = database.Prepare("UPDATE partitions SET begin = ?2, compacted_to = ?3 WHERE id = ?1");
    }

    public static LogStore Open(string path, long? maxFileBytes)
    {
        var database = Database.Open(path);
        try
        {
            Prepare(database, path);
            if (maxFileBytes is { } bytes)
                database.Execute($"PRAGMA max_page_count = {bytes / 4096}");
            return new LogStore(database, path);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The topics, and of each the numbers of its partitions in their order.</summary>
    public IEnumerable<(TopicSpec Spec, IReadOnlyList<long> Numbers)> Topics()
    {
        using var topics = _database.Prepare("SELECT name, clean_up, retention_ms, id FROM topics ORDER BY id");
        while (topics.Step())
        {
            var numbers = Numbers(topics.Int64(3));
            yield return (
                new TopicSpec(
                    topics.Text(0),
                    numbers.Count,
                    (CleanUp)topics.Int64(1),
                    topics.IsNull(2) ? null : TimeSpan.FromMilliseconds(topics.Int64(2))),
                numbers);
        }
    }

    public IEnumerable<(string Group, long Partition, long Next)> Offsets()
    {
        using var offsets = _database.Prepare("SELECT consumer_group, partition, next FROM offsets");
        while (offsets.Step())
            yield return (offsets.Text(0), offsets.Int64(1), offsets.Int64(2));
    }

    /// <summary>Adds a topic and returns the numbers of its partitions.</summary>
    public IReadOnlyList<long> AddTopic(TopicSpec spec)
    {
        using var topic = _database.Prepare("INSERT INTO topics (name, clean_up, retention_ms) VALUES (?1, ?2, ?3) RETURNING id");
        IReadOnlyList<long> numbers = [];
        Write(() =>
        {
            topic.Bind(1, spec.Name).Bind(2, (long)spec.CleanUp);
            if (spec.Retention is { } retention)
                topic.Bind(3, (long)retention.TotalMilliseconds);
            else
                topic.BindNull(3);
            topic.Step();
            var id = topic.Int64(0);
            topic.Reset();
            numbers = Insert(id, spec.Partitions);
        });
        return numbers;
    }

    /// <summary>Adds so many partitions to a topic and returns their numbers.</summary>
    public IReadOnlyList<long> AddPartitions(string name, int count)
    {
        using var topic = _database.Prepare("SELECT id FROM topics WHERE name = ?1");
        topic.Bind(1, name).Step();
        var id = topic.Int64(0);
        topic.Reset();
        IReadOnlyList<long> numbers = [];
        Write(() => numbers = Insert(id, count));
        return numbers;
    }

    /// <summary>Runs <paramref name="work"/> as one transaction; where it or the commit fails, nothing of it is there.</summary>
    public void Write(Action work, bool synced = false)
    {
        if (_broken)
            throw new LogException($"{_path}: a commit failed half-way on the disk before: open the log anew, which tells what became of it");
        if (_full != synced)
        {
            _database.Execute(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _full = synced;
        }

        _begin.Run();
        var committing = false;
        try
        {
            work();
            committing = true;
            _commit.Run();
        }
        catch (DatabaseException error) when (committing && error.IsInputOutput)
        {
            // The commit's frame may have reached the disk, or not: only reading the file anew tells.
            _broken = true;
            _database.RollBack();
            throw new LogOutcomeUnknownException(error.Message, error);
        }
        catch
        {
            _database.RollBack();
            throw;
        }
    }

    /// <summary>The first chunks, at most as many as the span holds: where each begins and ends and its latest event time.</summary>
    public int Oldest(long partition, Span<(long Offset, long Next, EventTime MaxTime)> chunks)
    {
        _from.Bind(1, Key(partition, 0)).Bind(2, Key(partition + 1, 0));
        var count = 0;
        while (count < chunks.Length && _from.Step())
            chunks[count++] = (OffsetOf(_from.Int64(0)), _from.Int64(1), new EventTime(_from.Int64(2)));
        _from.Reset();
        return count;
    }

    public void Insert(long partition, long offset, long next, EventTime maxTime, EventTime highestTime, ReadOnlySpan<byte> records) =>
        _insert.Bind(1, Key(partition, offset)).Bind(2, next).Bind(3, maxTime.UnixMilliseconds).Bind(4, highestTime.UnixMilliseconds)
            .Bind(5, Checksum(records)).Bind(6, records).Run();

    public void MoveOffset(string group, long partition, long next) =>
        _moveOffset.Bind(1, group).Bind(2, partition).Bind(3, next).Run();

    /// <summary>The first offset, the one up to which a compaction went, the end, and the latest event time that was ever there.</summary>
    public (long Begin, long CompactedTo, long End, EventTime Highest) Bounds(long partition)
    {
        using var bounds = _database.Prepare("SELECT begin, compacted_to FROM partitions WHERE id = ?1");
        bounds.Bind(1, partition).Step();
        var (begin, compactedTo) = (bounds.Int64(0), bounds.Int64(1));
        if (!_last.Bind(1, Key(partition, 0)).Bind(2, Key(partition + 1, 0)).Step())
            return (begin, compactedTo, begin, EventTime.Unknown);
        var (end, highest) = (_last.Int64(1), new EventTime(_last.Int64(2)));
        _last.Reset();
        return (begin, compactedTo, end, highest);
    }

    public (long Before, long Since) BytesAround(long partition, long offset)
    {
        using var bytes = _database.Prepare("SELECT total(length(records)) FROM chunks WHERE key >= ?1 AND key < ?2");
        return (Between(Key(partition, 0), Key(partition, offset)), Between(Key(partition, offset), Key(partition + 1, 0)));

        long Between(long from, long to)
        {
            bytes.Bind(1, from).Bind(2, to).Step();
            var sum = bytes.Int64(0);
            bytes.Reset();
            return sum;
        }
    }

    /// <summary>Offset of the chunk that holds this offset, or of the next one.</summary>
    public long ChunkAt(long partition, long offset)
    {
        if (!_at.Bind(1, Key(partition, offset)).Bind(2, Key(partition, 0)).Step())
            return offset;
        var (found, next) = (OffsetOf(_at.Int64(0)), _at.Int64(1));
        _at.Reset();
        return next > offset ? found : offset;
    }

    /// <summary>Calls <paramref name="visit"/> with the chunks from this offset on, until it says false.</summary>
    public void Visit(long partition, long offset, ChunkVisitor visit)
    {
        _from.Bind(1, Key(partition, offset)).Bind(2, Key(partition + 1, 0));
        try
        {
            while (_from.Step())
            {
                var chunk = new Chunk(OffsetOf(_from.Int64(0)), _from.Int64(1), new EventTime(_from.Int64(2)), _from.Blob(4));
                Verify(partition, chunk.Offset, chunk.Records, _from.Int64(3));
                if (!visit(chunk))
                    break;
            }
        }
        finally
        {
            _from.Reset();
        }
    }

    /// <summary>Offset of the first record between two offsets whose event time is at or after that; null if there is none.</summary>
    public long? OffsetAt(long partition, long begin, long end, EventTime time)
    {
        // The highest time so far only grows along the partition: bisect to the first chunk that reaches it. Where what reached it has been
        // cleaned away, the search by the chunks' own times goes on from there.
        var (low, high) = (begin, end);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var there = _probe.Bind(1, Key(partition, middle)).Bind(2, Key(partition + 1, 0)).Step();
            var reached = !there || _probe.Int64(0) >= time.UnixMilliseconds;
            _probe.Reset();
            (low, high) = reached ? (low, middle) : (middle + 1, high);
        }

        _byTime.Bind(1, Key(partition, low)).Bind(2, Key(partition + 1, 0)).Bind(3, time.UnixMilliseconds);
        try
        {
            if (!_byTime.Step())
                return null;
            var offset = OffsetOf(_byTime.Int64(0));
            var rest = _byTime.Blob(2);
            Verify(partition, offset, rest, _byTime.Int64(1));
            while (!rest.IsEmpty)
            {
                var record = PackedRecords.Read(rest, offset, out var size);
                if (record.Time >= time)
                    return record.Offset;
                rest = rest[size..];
            }

            return null;
        }
        finally
        {
            _byTime.Reset();
        }
    }

    public void Replace(long partition, long offset, EventTime maxTime, ReadOnlySpan<byte> records) =>
        _replace.Bind(1, Key(partition, offset)).Bind(2, maxTime.UnixMilliseconds).Bind(3, Checksum(records)).Bind(4, records).Run();

    public void Delete(long partition, long offset) => _delete.Bind(1, Key(partition, offset)).Run();

    public void SetCleaned(long partition, long begin, long compactedTo) =>
        _setCleaned.Bind(1, partition).Bind(2, begin).Bind(3, compactedTo).Run();

    public void Dispose() => _database.Dispose();

    private static void Prepare(Database database, string path)
    {
        var id = Pragma(database, "application_id");
        var version = Pragma(database, "user_version");
        if (id != ApplicationId && (id != 0 || version != 0 || Pragma(database, "schema_version") != 0))
            throw new LogException($"{path}: this SQLite database is no event log: name another file");
        if (id == ApplicationId && version != FormatVersion)
            throw new LogException($"{path}: it has format {version}, this program knows {FormatVersion}: use the program that wrote it");
        database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864");
        if (id == ApplicationId)
            return;
        database.Execute(
            $"""
            BEGIN IMMEDIATE;
            CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, clean_up INTEGER NOT NULL, retention_ms INTEGER) STRICT;
            CREATE TABLE partitions (
                id INTEGER PRIMARY KEY, topic INTEGER NOT NULL REFERENCES topics, begin INTEGER NOT NULL DEFAULT 0,
                compacted_to INTEGER NOT NULL DEFAULT 0) STRICT;
            CREATE TABLE chunks (
                key INTEGER PRIMARY KEY, next INTEGER NOT NULL, max_time INTEGER NOT NULL, highest_time INTEGER NOT NULL,
                checksum INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
            CREATE TABLE offsets (
                consumer_group TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
                PRIMARY KEY (consumer_group, partition)) STRICT, WITHOUT ROWID;
            PRAGMA application_id = {ApplicationId};
            PRAGMA user_version = {FormatVersion};
            COMMIT;
            """);
    }

    private List<long> Insert(long topic, int count)
    {
        using var partition = _database.Prepare("INSERT INTO partitions (topic) VALUES (?1) RETURNING id");
        var numbers = new List<long>(count);
        for (var i = 0; i < count; i++)
        {
            partition.Bind(1, topic).Step();
            numbers.Add(partition.Int64(0));
            partition.Reset();
        }

        return numbers;
    }

    private List<long> Numbers(long topic)
    {
        using var partitions = _database.Prepare("SELECT id FROM partitions WHERE topic = ?1 ORDER BY id");
        partitions.Bind(1, topic);
        var numbers = new List<long>();
        while (partitions.Step())
            numbers.Add(partitions.Int64(0));
        return numbers;
    }

    private static long Pragma(Database database, string name)
    {
        using var pragma = database.Prepare($"PRAGMA {name}");
        pragma.Step();
        return pragma.Int64(0);
    }

    private void Verify(long partition, long offset, ReadOnlySpan<byte> records, long checksum)
    {
        if (Checksum(records) != checksum)
        {
            throw new LogException(
                $"{_path}: the file is damaged (partition {partition}, offset {offset}): restore it from a backup, or move it and its -wal aside and start anew");
        }
    }

    private static long Checksum(ReadOnlySpan<byte> records) => unchecked((long)StableHash.Of(records));

    private static long Key(long partition, long offset) => (partition << OffsetBits) | offset;

    private static long OffsetOf(long key) => key & ((1L << OffsetBits) - 1);
}

/// <summary>What one commit wrote to one partition; the bytes live as long as the call.</summary>
internal readonly ref struct Chunk(long offset, long next, EventTime maxTime, ReadOnlySpan<byte> records)
{
    public long Offset { get; } = offset;

    public long Next { get; } = next;

    public EventTime MaxTime { get; } = maxTime;

    public ReadOnlySpan<byte> Records { get; } = records;
}

internal delegate bool ChunkVisitor(Chunk chunk);
