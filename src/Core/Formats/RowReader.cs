using MicroSpark.Readers;

namespace MicroSpark.Formats;

/// <summary>Reads a split row by row; a row is an element or a problem.</summary>
internal abstract class RowReader<T> : IDisposable
{
    private const int LongestExcerpt = 200;

    /// <summary>The current row's element, if <see cref="Problem"/> is null.</summary>
    public T Current { get; protected set; } = default!;

    /// <summary>Why the current row is none.</summary>
    public BadRow? Problem { get; protected set; }

    /// <summary>Moves to the next row, good or bad; false at the end of the split.</summary>
    /// <exception cref="InvalidDataException">The file cannot be taken apart into rows.</exception>
    public abstract bool Read();

    /// <summary>The error for the current bad row, with its number. Counts the rows before it, which may mean to read them.</summary>
    public abstract InvalidDataException Failure();

    public abstract void Dispose();

    protected static string Excerpt(string text) => text.Length <= LongestExcerpt ? text : text[..LongestExcerpt] + "...";
}

/// <summary>The good rows in runs.</summary>
internal sealed class GoodRowReader<T>(RowReader<T> rows, BadRows policy, CancellationToken cancellation) : ChunkReader<T>
{
    private readonly T[] _run = new T[256];
    private bool _failed;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        cancellation.ThrowIfCancellationRequested();
        var count = 0;
        for (limit = Math.Min(limit, _run.Length); !_failed && count < limit && rows.Read();)
        {
            if (rows.Problem is null)
            {
                _run[count++] = rows.Current;
                continue;
            }

            cancellation.ThrowIfCancellationRequested();
            _failed = policy == BadRows.Fail;
        }

        // What came before the bad row belongs to the consumer: it may be satisfied by it. The next call throws.
        run = _run.AsSpan(0, count);
        return count > 0 || (_failed ? throw rows.Failure() : false);
    }

    public override void Dispose() => rows.Dispose();
}

/// <summary>The bad rows.</summary>
internal sealed class BadRowReader<T>(RowReader<T> rows, CancellationToken cancellation) : ChunkReader<BadRow>
{
    private readonly BadRow[] _run = new BadRow[16];

    public override bool Next(int limit, out ReadOnlySpan<BadRow> run)
    {
        var count = 0;
        for (limit = Math.Min(limit, _run.Length); count < limit && rows.Read();)
        {
            cancellation.ThrowIfCancellationRequested();
            if (rows.Problem is { } problem)
            {
                _run[count++] = problem;
            }
        }

        run = _run.AsSpan(0, count);
        return count > 0;
    }

    public override void Dispose() => rows.Dispose();
}
