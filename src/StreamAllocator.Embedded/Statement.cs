using SQLitePCL;

namespace StreamAllocator.Embedded;

/// <summary>A prepared statement: bind, then step to the end or reset. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(Database database, sqlite3_stmt prepared) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(prepared, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string value)
    {
        database.Check(raw.sqlite3_bind_text(prepared, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        database.Check(raw.sqlite3_bind_blob(prepared, parameter, value));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        database.Check(raw.sqlite3_bind_null(prepared, parameter));
        return this;
    }

    /// <summary>Moves to the next row; false at the end, where the statement is reset.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(prepared);
        if (code == raw.SQLITE_ROW)
            return true;
        raw.sqlite3_reset(prepared);
        database.Check(code);
        return false;
    }

    /// <summary>Runs it to its end.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public void Reset() => raw.sqlite3_reset(prepared);

    public long Int64(int column) => raw.sqlite3_column_int64(prepared, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(prepared, column) == raw.SQLITE_NULL;

    public string Text(int column) => raw.sqlite3_column_text(prepared, column).utf8_to_string();

    /// <summary>Lives until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(prepared, column);

    public void Dispose()
    {
        database.Forget(this);
        prepared.Dispose();
    }
}
