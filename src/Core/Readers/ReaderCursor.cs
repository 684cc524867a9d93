namespace MicroSpark.Readers;

/// <summary>A reader with a place in its present run, for operators that read two inputs at different paces.</summary>
internal sealed class ReaderCursor<T>(ChunkReader<T> reader) : IDisposable
{
    private T[] _run = [];
    private int _at;
    private int _count;

    /// <summary>What is left of the present run, or the next one; empty only at the end. <see cref="Advance"/> moves on in it.</summary>
    public ReadOnlySpan<T> Peek(int limit)
    {
        if (_at == _count)
        {
            _at = 0;
            _count = 0;
            if (reader.Next(limit, out var run))
            {
                if (_run.Length < run.Length)
                {
                    _run = new T[run.Length];
                }

                run.CopyTo(_run);
                _count = run.Length;
            }
        }

        return _run.AsSpan(_at, _count - _at);
    }

    public void Advance(int count) => _at += count;

    public void Dispose() => reader.Dispose();
}
