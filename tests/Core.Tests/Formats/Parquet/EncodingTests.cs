using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MicroSpark.Formats.Parquet.Metadata;
using MicroSpark.Formats.Parquet.Pages;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Formats.Parquet.ParquetBytes;

namespace MicroSpark.Tests.Formats.Parquet;

/// <summary>Each stored type in each of its encodings, in pages of both versions, with nulls and without, compressed in each way.</summary>
public sealed class EncodingTests : IDisposable
{
    private static readonly bool[] s_flags = [.. Enumerable.Range(0, 300).Select(static i => i % 3 == 0 || i > 200)];

    private static readonly Case[] s_cases =
    [
        .. Numbers<int, int?>(PhysicalType.Int32, Enumerable.Range(0, 300).Select(static i => i * i * (i % 2 == 0 ? 1 : -7)), Delta),
        .. Numbers<long, long?>(PhysicalType.Int64, Enumerable.Range(0, 300).Select(static i => i % 5 == 0 ? long.MinValue + i : i * 10_000_000_000), Delta),
        .. Numbers<float, float?>(PhysicalType.Float, Enumerable.Range(0, 300).Select(static i => i / 3f), null),
        .. Numbers<double, double?>(PhysicalType.Double, Enumerable.Range(0, 300).Select(static i => i / 7.0), null),
        new Case<bool, bool?>("booleans PLAIN", PhysicalType.Boolean, default, 0, PageEncoding.Plain, s_flags, static flags => Bits(flags)),
        new Case<bool, bool?>(
            "booleans RLE", PhysicalType.Boolean, default, 0, PageEncoding.Rle, s_flags,
            static flags => Hybrid(Array.ConvertAll(flags, static flag => flag ? 1 : 0), 1, withLength: true)),
        .. Bytes<string, string?>("texts", new(LogicalKind.Text), Enumerable.Range(0, 300).Select(static i => $"prefix ü {i / 7} {new string('x', i % 9)}"), Encoding.UTF8.GetBytes),
        .. Bytes<byte[], byte[]?>("blobs", default, Enumerable.Range(0, 300).Select(static i => BitConverter.GetBytes(i)[..(i % 4)]), static bytes => bytes),
        .. Fixed<Guid, Guid?>("ids", new(LogicalKind.Uuid), 16, Enumerable.Range(0, 300).Select(static i => new Guid(i, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10])), static id => id.ToByteArray(true)),
        .. Fixed<Half, Half?>("halves", new(LogicalKind.Half), 2, Enumerable.Range(0, 300).Select(static i => (Half)(i / 4f)), BitConverter.GetBytes),
        .. Fixed<decimal, decimal?>("decimals", new(LogicalKind.Decimal, 2), 9, Enumerable.Range(-150, 300).Select(static i => i / 4m), static value => Whole(value * 100, 9)),
        new Case<DateTime, DateTime?>(
            "INT96", PhysicalType.Int96, default, 0, PageEncoding.Plain, [.. Enumerable.Range(0, 300).Select(static i => DateTime.MinValue.AddDays(i * 9000L).AddTicks(i))],
            static times => [.. times.SelectMany(static time => (byte[])[.. BitConverter.GetBytes(time.TimeOfDay.Ticks * 100), .. BitConverter.GetBytes((int)(time.Ticks / TimeSpan.TicksPerDay) + 1_721_426)])]),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, string, bool, bool> Files
    {
        get
        {
            var data = new TheoryData<int, string, bool, bool>();
            for (var i = 0; i < s_cases.Length; i++)
            {
                foreach (var isV2 in (bool[])[false, true])
                {
                    foreach (var nulls in (bool[])[false, true])
                    {
                        data.Add(i, s_cases[i].Name, isV2, nulls);
                    }
                }
            }

            return data;
        }
    }

    public sealed record Row<V>(V Value);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_encoding_gives_the_values_that_were_written(int index, string name, bool isV2, bool nulls)
    {
        Assert.Equal(name, s_cases[index].Name);
        s_cases[index].Run(_folder, isV2, nulls, None);
    }

    [Theory]
    [InlineData(None)]
    [InlineData(SnappyCodec)]
    [InlineData(Gzip)]
    [InlineData(Brotli)]
    [InlineData(Hadoop)]
    [InlineData(Zstd)]
    [InlineData(Lz4Raw)]
    public void Every_compression_gives_the_bytes_that_were_written(int codec)
    {
        foreach (var test in s_cases)
        {
            test.Run(_folder, isV2: codec % 2 == 0, nulls: true, codec);
        }
    }

    [Fact]
    public void A_compression_that_is_not_read_is_named()
    {
        var path = _folder.Write("lzo.parquet", Build([Leaf("Value", PhysicalType.Int32)], 1, 1, 3, [new Page(1, PageEncoding.Plain, new byte[4])]));
        var error = Assert.Throws<InvalidDataException>(() => Read<Row<int>>(path));
        Assert.Contains("lzo.parquet', column 'Value': LZO compression cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoding_that_is_not_read_is_named()
    {
        var path = _folder.Write("new.parquet", Build([Leaf("Value", PhysicalType.Int32)], 1, 1, None, [new Page(1, (PageEncoding)10, new byte[4])]));
        var error = Assert.Throws<InvalidDataException>(() => Read<Row<int>>(path));
        Assert.Contains("new.parquet', column 'Value': a page of 10 with values of Int32 cannot be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_oldest_levels_are_read()
    {
        // BIT_PACKED, the highest bit first: there, not there, there, ...
        byte[] body = [0b10110000, .. new[] { 7, 8, 9 }.SelectMany(BitConverter.GetBytes)];
        var file = Build([Leaf("Value", PhysicalType.Int32, Repetition.Optional)], 1, 4, None, [new Page(4, PageEncoding.Plain, body)]);

        // The header's field 3 is the encoding of definition levels: 3 as zigzag is 6, and 4 is 8.
        var at = file.AsSpan().IndexOf(new byte[] { 0x15, 0x06, 0x15, 0x06 });
        file[at + 1] = 8;
        Assert.Equal([7, null, 8, 9], Read<Row<int?>>(_folder.Write("old.parquet", file)).Select(static row => row.Value));
    }

    [Fact]
    public void A_page_of_nulls_alone_needs_no_values()
    {
        int[] nulls = [0, 0, 0];
        foreach (var encoding in (PageEncoding[])[PageEncoding.Plain, PageEncoding.RleDictionary, PageEncoding.DeltaBinaryPacked, PageEncoding.ByteStreamSplit])
        {
            foreach (var isV2 in (bool[])[false, true])
            {
                var file = Build(
                    [Leaf("Value", PhysicalType.Int32, Repetition.Optional)], 1, 4, isV2 ? SnappyCodec : None,
                    [new Page(3, encoding, [], Def: nulls) { IsV2 = isV2 }, new Page(1, PageEncoding.Plain, [5, 0, 0, 0], Def: [1]) { IsV2 = isV2 }]);
                Assert.Equal([null, null, null, 5], Read<Row<int?>>(_folder.Write("nulls.parquet", file)).Select(static row => row.Value));
            }
        }
    }

    [Fact]
    public void A_column_of_no_type_is_null_for_every_member()
    {
        var path = _folder.Write("none.parquet", Build(
            [Leaf("Value", PhysicalType.Int32, Repetition.Optional, new(LogicalKind.Unknown))], 1, 2, None, [new Page(2, PageEncoding.Plain, [], Def: [0, 0])]));
        Assert.Equal([null, null], Read<Row<string?>>(path).Select(static row => row.Value));
        Assert.Equal([null, null], Read<Row<DateOnly?>>(path).Select(static row => row.Value));
        Assert.Contains("found null", Assert.Throws<InvalidDataException>(() => Read<Row<int>>(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_whose_checksum_does_not_fit_is_refused()
    {
        var page = new Page(1, PageEncoding.Plain, [5, 0, 0, 0]);
        var right = System.IO.Hashing.Crc32.HashToUInt32(page.Values);
        Assert.Equal(5, Read<Row<int>>(Write(right)).Single().Value);
        var error = Assert.Throws<InvalidDataException>(() => Read<Row<int>>(Write(right + 1)));
        Assert.Contains($"crc.parquet', row group 0, column 'Value', the page at byte 4: expected the checksum {right + 1:x8}, found {right:x8}", error.Message, StringComparison.Ordinal);
        string Write(uint checksum) =>
            _folder.Write("crc.parquet", Build([Leaf("Value", PhysicalType.Int32)], 1, 1, None, [page with { Checksum = checksum }]));
    }

    private static Case[] Numbers<V, R>(PhysicalType type, IEnumerable<V> values, Func<long[], byte[]>? delta)
        where V : unmanaged
    {
        V[] all = [.. values];
        Case[] cases =
        [
            new Case<V, R>($"{type} PLAIN", type, default, 0, PageEncoding.Plain, all, Plain),
            new Case<V, R>($"{type} BYTE_STREAM_SPLIT", type, default, 0, PageEncoding.ByteStreamSplit, all, static values => Split(Plain(values), Marshal.SizeOf<V>())),
            new Case<V, R>($"{type} RLE_DICTIONARY", type, default, 0, PageEncoding.RleDictionary, all, Plain),
            new Case<V, R>($"{type} PLAIN_DICTIONARY", type, default, 0, PageEncoding.PlainDictionary, all, Plain),
        ];
        return delta is null ? cases : [.. cases, new Case<V, R>(
            $"{type} DELTA_BINARY_PACKED", type, default, 0, PageEncoding.DeltaBinaryPacked, all,
            values => delta(Array.ConvertAll(values, static value => Convert.ToInt64(value, null))))];

        static byte[] Plain(V[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static Case[] Bytes<V, R>(string name, LogicalType logical, IEnumerable<V> values, Func<V, byte[]> bytes)
    {
        V[] all = [.. values];
        byte[] Plain(V[] values) => [.. values.Select(bytes).SelectMany(static value => (byte[])[.. BitConverter.GetBytes(value.Length), .. value])];
        byte[] Lengths(IEnumerable<byte[]> values) => [.. Delta([.. values.Select(static value => (long)value.Length)]), .. values.SelectMany(static value => value)];
        return
        [
            new Case<V, R>($"{name} PLAIN", PhysicalType.Bytes, logical, 0, PageEncoding.Plain, all, Plain),
            new Case<V, R>($"{name} RLE_DICTIONARY", PhysicalType.Bytes, logical, 0, PageEncoding.RleDictionary, all, Plain),
            new Case<V, R>($"{name} DELTA_LENGTH", PhysicalType.Bytes, logical, 0, PageEncoding.DeltaLengthByteArray, all, values => Lengths(values.Select(bytes))),
            new Case<V, R>($"{name} DELTA_BYTE_ARRAY", PhysicalType.Bytes, logical, 0, PageEncoding.DeltaByteArray, all, values => Shared([.. values.Select(bytes)], Lengths)),
        ];
    }

    private static Case[] Fixed<V, R>(string name, LogicalType logical, int length, IEnumerable<V> values, Func<V, byte[]> bytes)
    {
        V[] all = [.. values];
        byte[] Plain(V[] values) => [.. values.SelectMany(bytes)];
        byte[] Lengths(IEnumerable<byte[]> values) => [.. Delta([.. values.Select(static value => (long)value.Length)]), .. values.SelectMany(static value => value)];
        return
        [
            new Case<V, R>($"{name} PLAIN", PhysicalType.FixedBytes, logical, length, PageEncoding.Plain, all, Plain),
            new Case<V, R>($"{name} RLE_DICTIONARY", PhysicalType.FixedBytes, logical, length, PageEncoding.RleDictionary, all, Plain),
            new Case<V, R>($"{name} BYTE_STREAM_SPLIT", PhysicalType.FixedBytes, logical, length, PageEncoding.ByteStreamSplit, all, values => Split(Plain(values), length)),
            new Case<V, R>($"{name} DELTA_BYTE_ARRAY", PhysicalType.FixedBytes, logical, length, PageEncoding.DeltaByteArray, all, values => Shared([.. values.Select(bytes)], Lengths)),
        ];
    }

    private static byte[] Shared(byte[][] values, Func<IEnumerable<byte[]>, byte[]> lengths)
    {
        var prefixes = values.Select((value, i) => i == 0 ? 0L : value.AsSpan().CommonPrefixLength(values[i - 1])).ToArray();
        return [.. Delta(prefixes), .. lengths(values.Select((value, i) => value[(int)prefixes[i]..]))];
    }

    private static byte[] Split(byte[] plain, int size) =>
        [.. Enumerable.Range(0, size).SelectMany(part => Enumerable.Range(0, plain.Length / size).Select(i => plain[(i * size) + part]))];

    private static byte[] Bits(bool[] flags)
    {
        var bytes = new byte[(flags.Length + 7) / 8];
        new System.Collections.BitArray(flags).CopyTo(bytes, 0);
        return bytes;
    }

    private static byte[] Whole(decimal value, int length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, (Int128)value);
        return bytes[^length..];
    }

    private abstract record Case(string Name)
    {
        public abstract void Run(TemporaryFolder folder, bool isV2, bool nulls, int codec);
    }

    /// <typeparam name="V">What is stored.</typeparam>
    /// <typeparam name="R">The same, or null.</typeparam>
    private sealed record Case<V, R>(
        string Name, PhysicalType Type, LogicalType Logical, int Length, PageEncoding Encoding, V[] Values, Func<V[], byte[]> Encode) : Case(Name)
    {
        public override void Run(TemporaryFolder folder, bool isV2, bool nulls, int codec)
        {
            // Two pages, so that one begins in the middle.
            var pages = new List<Page>();
            var isDictionary = Encoding is PageEncoding.RleDictionary or PageEncoding.PlainDictionary;
            if (isDictionary)
            {
                pages.Add(new Page(Values.Length, PageEncoding.Plain, Encode(Values)) { IsDictionary = true });
            }

            var expected = new List<R?>();
            var next = 0;
            foreach (var part in (V[][])[Values[..100], Values[100..]])
            {
                var def = new List<int>();
                foreach (var value in part)
                {
                    if (nulls && def.Count % 3 == 0)
                    {
                        def.Add(0);
                        expected.Add(default);
                    }

                    def.Add(1);
                    expected.Add((R)(object)value!);
                }

                var width = HybridReader.WidthOf(Values.Length - 1);
                var bytes = !isDictionary ? Encode(part)
                    : [(byte)width, .. Hybrid([.. Enumerable.Range(next, part.Length)], width, withLength: false)];
                next += part.Length;
                pages.Add(new Page(def.Count, Encoding, bytes, Def: nulls ? [.. def] : null) { IsV2 = isV2 });
            }

            var column = Leaf("Value", Type, nulls ? Repetition.Optional : Repetition.Required, Logical, Length);
            var path = folder.Write("case.parquet", Build([column], 1, expected.Count, codec, [.. pages]));
            Assert.Equal(expected, Read<Row<R?>>(path).Select(static row => row.Value));
            if (!nulls)
            {
                Assert.Equal(Values, Read<Row<V>>(path).Select(static row => row.Value));
            }
        }
    }
}
