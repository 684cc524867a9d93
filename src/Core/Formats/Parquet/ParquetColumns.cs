using System.Collections.Frozen;
using System.Reflection;
using Parquet;
using Parquet.Schema;

namespace MicroSpark.Formats.Parquet;

/// <summary>
/// Reads one column of a row group into an array of its own type: <c>int[]</c>, <c>int?[]</c>, <c>string?[]</c>, <c>byte[]?[]</c>.
/// </summary>
internal static class ParquetColumns
{
    private static readonly FrozenSet<Type> s_values = new[]
    {
        typeof(bool), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float),
        typeof(double), typeof(decimal), typeof(DateTime), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid),
        typeof(System.Numerics.BigInteger),
    }.ToFrozenSet();

    /// <summary>What the array holds.</summary>
    public static Type TypeOf(DataField field) =>
        field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string) ? typeof(string)
        : field.ClrType == typeof(ReadOnlyMemory<byte>) || field.ClrType == typeof(byte[]) ? typeof(byte[])
        : field.IsNullable ? typeof(Nullable<>).MakeGenericType(field.ClrType)
        : field.ClrType;

    public static Array Read(ParquetRowGroupReader group, DataField field, int rows, CancellationToken cancellation)
    {
        var type = TypeOf(field);
        if (type == typeof(string))
        {
            var texts = new string?[rows];
            group.ReadAsync(field, texts.AsMemory(), cancellationToken: cancellation).AsTask().GetAwaiter().GetResult();
            return texts;
        }

        if (type == typeof(byte[]))
        {
            var blobs = new byte[]?[rows];
            group.ReadAsync(field, blobs.AsMemory(), cancellationToken: cancellation).AsTask().GetAwaiter().GetResult();
            return blobs;
        }

        if (!s_values.Contains(field.ClrType))
        {
            throw new InvalidDataException($"The column '{field.Name}' has the type {field.ClrType}, which cannot be read.");
        }

        var method = typeof(ParquetColumns).GetMethod(
            field.IsNullable ? nameof(ReadNullable) : nameof(ReadValues), BindingFlags.Static | BindingFlags.NonPublic)!;
        return method.MakeGenericMethod(field.ClrType)
            .CreateDelegate<Func<ParquetRowGroupReader, DataField, int, CancellationToken, Array>>()(group, field, rows, cancellation);
    }

    private static Array ReadValues<V>(ParquetRowGroupReader group, DataField field, int rows, CancellationToken cancellation)
        where V : struct
    {
        var values = new V[rows];
        group.ReadAsync<V>(field, values.AsMemory(), cancellationToken: cancellation).AsTask().GetAwaiter().GetResult();
        return values;
    }

    private static Array ReadNullable<V>(ParquetRowGroupReader group, DataField field, int rows, CancellationToken cancellation)
        where V : struct
    {
        var values = new V?[rows];
        group.ReadAsync<V>(field, values.AsMemory(), cancellationToken: cancellation).AsTask().GetAwaiter().GetResult();
        return values;
    }
}
