using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;

namespace MicroSpark.Formats.Parquet.Elements;

/// <summary>The decoders of each kind of column: what is stored, and in which encodings it may be.</summary>
internal static class ColumnSources
{
    private static readonly ColumnSource<bool> s_booleans = new(static (_, _, encoding) => encoding switch
    {
        PageEncoding.Plain => new PlainBooleans(),
        PageEncoding.Rle => new RunBooleans(),
        _ => null,
    });

    private static readonly ColumnSource<int> s_ints = new(static (_, _, encoding) =>
        encoding == PageEncoding.DeltaBinaryPacked ? new DeltaInts() : Number<int>(encoding, sizeof(int)));

    private static readonly ColumnSource<long> s_longs = new(static (_, _, encoding) =>
        encoding == PageEncoding.DeltaBinaryPacked ? new DeltaLongs() : Number<long>(encoding, sizeof(long)));

    private static readonly ColumnSource<float> s_floats = new(static (_, _, encoding) => Number<float>(encoding, sizeof(float)));

    private static readonly ColumnSource<double> s_doubles = new(static (_, _, encoding) => Number<double>(encoding, sizeof(double)));

    private static readonly ColumnSource<Int96> s_int96 = new(static (_, _, encoding) => Number<Int96>(encoding, 12));

    private static readonly ColumnSource<string> s_texts = OfBytes<string, TextMaker>(static _ => default);

    private static readonly ColumnSource<byte[]> s_blobs = OfBytes<byte[], BytesMaker>(static _ => default);

    private static readonly ColumnSource<Guid> s_guids = OfBytes<Guid, GuidMaker>(static _ => default);

    private static readonly ColumnSource<Half> s_halves = OfBytes<Half, HalfMaker>(static _ => default);

    private static readonly ColumnSource<string> s_digits = OfBytes<string, DigitsMaker>(static leaf => new(leaf.Logical.Scale));

    private static readonly ColumnSource<decimal> s_decimals = OfBytes<decimal, DecimalMaker>(static leaf => new(leaf.Logical.Scale));

    /// <summary>
    /// How a column is read for a member, whose type decides between text and bytes; null when nothing but nulls is in it.
    /// </summary>
    /// <exception cref="InvalidDataException">It holds something that is not read, which the message names.</exception>
    public static ColumnSource? Of(ParquetLeafNode leaf, Type wanted, string file)
    {
        if (leaf.Type == PhysicalType.FixedBytes && leaf.Length <= 0)
        {
            throw new InvalidDataException($"'{file}', column '{leaf.Path}': expected values of a fixed length, found {leaf.Length}.");
        }

        return leaf.Type switch
        {
            _ when leaf.Logical.Kind == LogicalKind.Unknown && leaf.Def > 0 => null,
            PhysicalType.Boolean => s_booleans,
            PhysicalType.Int32 => s_ints,
            PhysicalType.Int64 => s_longs,
            PhysicalType.Int96 => s_int96,
            PhysicalType.Float => s_floats,
            PhysicalType.Double => s_doubles,
            PhysicalType.Bytes or PhysicalType.FixedBytes when wanted == typeof(byte[]) => s_blobs,
            PhysicalType.Bytes or PhysicalType.FixedBytes => (leaf.Logical.Kind, leaf.Length) switch
            {
                (LogicalKind.Decimal, _) when leaf.Logical.Scale >= 0 => wanted == typeof(string) ? s_digits : s_decimals,
                (LogicalKind.Uuid, 16) => s_guids,
                (LogicalKind.Half, 2) => s_halves,
                (LogicalKind.Text or LogicalKind.Enum or LogicalKind.Json, _) => s_texts,
                (LogicalKind.None, _) => wanted == typeof(string) ? s_texts : s_blobs,
                (LogicalKind.Interval, _) => throw ParquetErrors.Unsupported(file, "an INTERVAL (other than as byte[])", leaf.Path),
                (LogicalKind.Bson or LogicalKind.Geometry or LogicalKind.Geography, _) => throw ParquetErrors.Unsupported(
                    file, $"a {leaf.Logical.Kind.ToString().ToUpperInvariant()} (other than as byte[])", leaf.Path),
                _ => throw ParquetErrors.Unsupported(file, $"a value of the kind {leaf.Logical.Kind} in {leaf.Type}", leaf.Path),
            },
            _ => throw ParquetErrors.Unsupported(file, $"a value of the kind {leaf.Type}", leaf.Path),
        };
    }

    private static ValueDecoder<V>? Number<V>(PageEncoding encoding, int size)
        where V : unmanaged => encoding switch
        {
            PageEncoding.Plain => new PlainNumbers<V>(),
            PageEncoding.ByteStreamSplit => new SplitBytes<V, NumberMaker<V>>(default, size),
            _ => null,
        };

    private static ColumnSource<V> OfBytes<V, TMaker>(Func<ParquetLeafNode, TMaker> maker)
        where TMaker : struct, IValueMaker<V> => new((leaf, longest, encoding) => (encoding, leaf.Type) switch
        {
            (PageEncoding.Plain, PhysicalType.Bytes) => new PlainBytes<V, TMaker>(maker(leaf)),
            (PageEncoding.Plain, _) => new PlainFixed<V, TMaker>(maker(leaf), leaf.Length),
            (PageEncoding.DeltaLengthByteArray, PhysicalType.Bytes) => new DeltaLengthBytes<V, TMaker>(maker(leaf)),
            (PageEncoding.DeltaByteArray, _) => new DeltaBytes<V, TMaker>(
                maker(leaf), leaf.Type == PhysicalType.Bytes ? 0 : leaf.Length, longest),
            (PageEncoding.ByteStreamSplit, PhysicalType.FixedBytes) => new SplitBytes<V, TMaker>(maker(leaf), leaf.Length),
            _ => null,
        });
}
