using MicroSpark.Files;
using MicroSpark.Formats.Records;
using MicroSpark.Readers;
using Parquet;
using Parquet.Serialization;

namespace MicroSpark.Formats.Parquet;

/// <summary>
/// Elements with lists, maps or objects in them: these the library's own serializer reads and writes. It makes classes with a constructor
/// without parameters only, by their setters, and its caches keep them for the life of the process.
/// </summary>
internal static class ParquetNested<T>
{
    private static bool? s_isNeeded;

    /// <summary>Whether the element type has a member that is no single column, and the library can make such elements.</summary>
    public static bool IsNeeded =>
        s_isNeeded ??= typeof(T) is { IsClass: true, IsAbstract: false } && typeof(T).GetConstructor(Type.EmptyTypes) is not null
        && !typeof(T).IsAssignableTo(typeof(System.Collections.IEnumerable))
        && RecordShape.Of(typeof(T), "ParquetFile").Members.Any(static m => m.IsRead && !ParquetTypes.IsColumn(m.ValueType));

    /// <summary>The rows of one row group.</summary>
    public static ChunkReader<T> Open(ParquetSplit split, CancellationToken cancellation) =>
        (ChunkReader<T>)Activator.CreateInstance(typeof(ParquetNestedRows<>).MakeGenericType(typeof(T)), split, cancellation)!;

    public static void Write(IEnumerable<T> rows, Stream file, int rowsPerGroup, CancellationToken cancellation) =>
        ParquetSerializer.SerializeAsync(rows, file, new ParquetOptions { RowGroupSize = rowsPerGroup }, cancellationToken: cancellation)
            .GetAwaiter().GetResult();
}

/// <inheritdoc cref="ParquetNested{T}" />
internal sealed class ParquetNestedRows<T>(ParquetSplit split, CancellationToken cancellation) : ChunkReader<T>
    where T : class, new()
{
    private readonly T[] _run = new T[1024];
    private IList<T>? _rows;
    private int _next;

    public override bool Next(int limit, out ReadOnlySpan<T> run)
    {
        cancellation.ThrowIfCancellationRequested();
        _rows ??= Load();
        var count = Math.Min(Math.Min(limit, _run.Length), _rows.Count - _next);
        for (var i = 0; i < count; i++)
        {
            _run[i] = _rows[_next++];
        }

        run = _run.AsSpan(0, count);
        return count > 0;
    }

    private IList<T> Load()
    {
        using var input = new SeekableInput(split.File, LocalFileSystem.Instance);
        try
        {
            return ParquetSerializer.DeserializeAsync<T>(
                input, new ParquetOptions { PropertyNameCaseInsensitive = true }, split.RowGroup, cancellation)
                .GetAwaiter().GetResult().Data;
        }
        catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException(
                $"'{split.File.Path}', row group {split.RowGroup}: Parquet.Net cannot read it as '{typeof(T)}': {e.Message}", e);
        }
    }
}
