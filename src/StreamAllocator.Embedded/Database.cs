using System.Diagnostics.CodeAnalysis;
using SQLitePCL;
using StreamAllocator.Pipeline.Logs;

namespace StreamAllocator.Embedded;

/// <summary>
/// One connection to one SQLite file. It speaks to SQLite's own interface, since spans can be bound and read there without a copy; every
/// failure becomes a <see cref="LogException"/> that says which file, what and what to do.
/// </summary>
internal sealed class Database : IDisposable
{
    private const int BusyMilliseconds = 2_000;
    private readonly sqlite3 _connection;
    private readonly List<Statement> _statements = [];
    private readonly string _path;

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 connection, string path) => (_connection, _path) = (connection, path);

    public bool InTransaction => raw.sqlite3_get_autocommit(_connection) == 0;

    public static Database Open(string path)
    {
        var code = raw.sqlite3_open_v2(path, out var connection, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(connection, path);
        try
        {
            database.Check(code);
            raw.sqlite3_extended_result_codes(connection, 0);
            raw.sqlite3_busy_timeout(connection, BusyMilliseconds);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared));
        var statement = new Statement(this, prepared);
        _statements.Add(statement);
        return statement;
    }

    public void Forget(Statement statement) => _statements.Remove(statement);

    public void Execute(string sql) => Check(raw.sqlite3_exec(_connection, sql));

    /// <summary>Ends a failed transaction, if SQLite has not done so itself.</summary>
    public void RollBack()
    {
        if (InTransaction)
            raw.sqlite3_exec(_connection, "ROLLBACK");
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            Fail(code & 0xFF);
    }

    public void Dispose()
    {
        while (_statements.Count > 0)
            _statements[^1].Dispose();
        _connection.Dispose();
    }

    [DoesNotReturn]
    private void Fail(int code)
    {
        var detail = raw.sqlite3_errmsg(_connection).utf8_to_string();
        var message = code switch
        {
            raw.SQLITE_FULL => "no room is left on its disk (or it has reached its largest size): free some and try again",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another program holds it locked: end that one (a SQLite shell, a backup) and try again",
            raw.SQLITE_CORRUPT => "the file is damaged: restore it from a backup, or move it and its -wal aside and start anew",
            raw.SQLITE_NOTADB => "this is no event log (or it is damaged): name another file, or move this one aside",
            raw.SQLITE_READONLY => "the file or its directory is read-only: give this user the right to write there",
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => "cannot be opened: is it a file that this user may read and write?",
            raw.SQLITE_TOOBIG => "one commit holds more than 1 GB for one partition: commit smaller portions",
            raw.SQLITE_IOERR => "reading or writing it failed: look at the disk, then start again",
            _ => "SQLite refused",
        };
        throw new DatabaseException($"{_path}: {message} (SQLite: {detail})", code);
    }
}

internal sealed class DatabaseException(string message, int code) : LogException(message)
{
    public bool IsInputOutput => code == raw.SQLITE_IOERR;
}
