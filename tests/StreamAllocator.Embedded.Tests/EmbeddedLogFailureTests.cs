using Microsoft.Data.Sqlite;
using StreamAllocator.Domain;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded.Tests;

public sealed class EmbeddedLogFailureTests : IDisposable
{
    private static readonly TopicPartition Source = new("topic", 0);
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("log.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_opening_is_refused_naming_the_process_that_has_it()
    {
        using (Open())
            AssertRefused(() => Open(), $"in use by process {Environment.ProcessId}");
        Open().Dispose();
    }

    [Fact]
    public void A_full_disk_fails_the_commit_and_loses_nothing()
    {
        using (var log = Open(new EmbeddedLogOptions { MaxFileBytes = 1 << 20 }))
        {
            Commit(log, "kept", 1000);
            AssertRefused(() => Commit(log, "too big", 2 << 20), "no room is left");
            Assert.Equal(["kept"], Keys(log));
            Commit(log, "small", 1000);
        }

        using var reopened = Open();
        Assert.Equal(["kept", "small"], Keys(reopened));
    }

    [Fact]
    public void A_file_locked_by_another_program_fails_the_commit_and_the_next_one_goes_through()
    {
        using var log = Open();
        Commit(log, "kept", 10);
        using (var shell = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            shell.Open();
            using var command = shell.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            AssertRefused(() => Commit(log, "blocked", 10), "another program holds it locked");
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }

        Commit(log, "next", 10);
        Assert.Equal(["kept", "next"], Keys(log));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var text = new string('x', 5000);
        File.WriteAllText(Path, text);
        AssertRefused(() => Open(), "is no event log");
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        using (var other = new SqliteConnection($"Data Source={Path};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE theirs (x)";
            command.ExecuteNonQuery();
        }

        AssertRefused(() => Open(), "is no event log");
    }

    [Fact]
    public void Damage_to_the_records_is_found_when_they_are_read()
    {
        using (var log = Open())
        {
            for (var i = 0; i < 50; i++)
                Commit(log, $"{i}", 3000);
        }

        using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length - 6000;
            file.Write("damage"u8);
        }

        using var damaged = Open();
        AssertRefused(() => Keys(damaged), "the file is damaged");
    }

    [Fact]
    public void Damage_that_a_compaction_meets_fails_that_commit_and_leaves_none_of_it()
    {
        var compacted = new TopicPartition("compacted", 0);
        using (var log = Open())
        {
            log.CreateTopics([new TopicSpec("compacted", 1, CleanUp.Compact)]);
            for (var i = 0; i < 80; i++)
                Commit(log, $"{i}", 3000, "compacted");
        }

        using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length - 6000;
            file.Write("damage"u8);
        }

        using var damaged = Open();
        Commit(damaged, "kept", 10);
        AssertRefused(() => Commit(damaged, "fills up", 100_000, "compacted", 2), "the file is damaged");
        Assert.Equal(81, damaged.EndOffset(compacted));
        Commit(damaged, "next", 10);
        Assert.Equal(["kept", "next"], Keys(damaged));
    }

    [Fact]
    public void A_truncated_file_is_refused_when_it_is_read()
    {
        using (var log = Open())
        {
            for (var i = 0; i < 50; i++)
                Commit(log, $"{i}", 3000);
        }

        using (var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite))
            file.SetLength(file.Length / 2);
        AssertRefused(
            () =>
            {
                using var damaged = Open();
                Keys(damaged);
            },
            "damaged");
    }

    [Fact]
    public void A_path_that_cannot_hold_a_log_is_refused()
    {
        AssertRefused(() => EmbeddedLog.Open(_folder.File(System.IO.Path.Combine("missing", "log.db"))), "its directory does not exist");
        AssertRefused(() => EmbeddedLog.Open(System.IO.Path.GetDirectoryName(Path)!), "is a directory");
    }

    [UnprivilegedFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_read_only_file_is_refused()
    {
        using (Open())
        {
        }

        File.SetUnixFileMode(Path, UnixFileMode.UserRead);
        AssertRefused(
            () =>
            {
                using var log = Open();
                Commit(log, "k", 10);
            },
            "read-only");
    }

    [Fact]
    public void Only_commits_to_synced_topics_wait_for_the_disk()
    {
        using var log = Open(new EmbeddedLogOptions { SyncedTopics = ["commands"] });
        log.CreateTopics([new TopicSpec("commands", 1)]);
        Commit(log, "k", 10);
        Assert.Equal(0, log.SyncedCommits);
        Commit(log, "k", 10, "commands");
        Commit(log, "k", 10);
        Assert.Equal(1, log.SyncedCommits);
    }

    [Fact]
    public void A_failed_commit_leaves_offsets_where_they_were()
    {
        using var log = Open(new EmbeddedLogOptions { MaxFileBytes = 1 << 20 });
        Commit(log, "in", 10);
        using var member = log.Join("group", "m", ["topic"]);
        using var batch = new RecordBatch();
        while (member.Poll(batch, 1, TimeSpan.Zero) != PollOutcome.Records)
        {
        }

        using var producer = log.OpenProducer("p");
        Send(producer, "too big", 2 << 20, "topic");
        Assert.ThrowsAny<LogException>(() => producer.Commit(member, [new PartitionOffset(Source, 1)]));
        Assert.Null(log.Committed("group", Source));
        producer.Commit(member, [new PartitionOffset(Source, 1)]);
        Assert.Equal(1, log.Committed("group", Source));
    }

    private EmbeddedLog Open(EmbeddedLogOptions? options = null)
    {
        var log = EmbeddedLog.Open(Path, options);
        log.CreateTopics([new TopicSpec("topic", 1)]);
        return log;
    }

    private void AssertRefused(Action action, string why)
    {
        var error = Assert.ThrowsAny<LogException>(action);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("")[..^1], error.Message, StringComparison.Ordinal);
    }

    private static void Commit(EmbeddedLog log, string key, int bytes, string topic = "topic", int times = 1)
    {
        using var producer = log.OpenProducer("p");
        for (var i = 0; i < times; i++)
        {
            Send(producer, key, bytes, topic);
            producer.Commit(null, []);
        }
    }

    private static void Send(ILogProducer producer, string key, int bytes, string topic)
    {
        using var outputs = new OutputBatch();
        outputs.Append(new TopicPartition(topic, 0), new EventTime(1), System.Text.Encoding.UTF8.GetBytes(key), default, new byte[bytes]);
        producer.Send(outputs);
    }

    private static List<string> Keys(EmbeddedLog log)
    {
        using var reader = log.Read([Source]);
        using var batch = new RecordBatch();
        var keys = new List<string>();
        while (reader.Poll(batch, 7, TimeSpan.Zero) == PollOutcome.Records)
        {
            for (var i = 0; i < batch.Count; i++)
                keys.Add(System.Text.Encoding.UTF8.GetString(batch[i].Key));
        }

        return keys;
    }
}
