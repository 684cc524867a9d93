using System.Globalization;
using CsvHelper;
using MicroSpark.Files;
using MicroSpark.Model;

namespace MicroSpark.Formats.Csv;

/// <summary>The options as CsvHelper takes them.</summary>
internal static class CsvDialect
{
    /// <summary>
    /// The longest row in bytes. It bounds memory when a quote is never closed. It also lets a split tell from the bytes before it whether
    /// it begins inside quotes (<see cref="CsvRowStart"/>).
    /// </summary>
    public const int MaxRowBytes = 16 << 20;

    private static readonly byte[] s_nothing = [];

    public static CsvReaderOptions ToReader(this CsvOptions options, int bufferBytes, Action<CsvMalformedRecord>? onMalformed = null) =>
        new()
        {
            Separator = options.Delimiter,
            HasHeader = false, // read by us: a split in the middle of a file has none of its own
            Quote = options.Quote,
            CommentPrefix = options.Comment,
            TrimWhitespace = options.TrimWhitespace,
            NullValues = options.NullValues,
            FormatProvider = CultureInfo.GetCultureInfo(options.Culture),
            MalformedData = CsvMalformedDataHandling.Recover,
            OnMalformedRecord = onMalformed,
            MaxRecordSize = MaxRowBytes,
            BufferSize = bufferBytes,
        };

    public static CsvWriterOptions ToWriter(this CsvOptions options) => new()
    {
        Separator = options.Delimiter,
        CommentPrefix = options.Comment,
        NullValue = options.NullValues.FirstOrDefault() ?? "",
        FormatProvider = CultureInfo.GetCultureInfo(options.Culture),
        NewLine = "\n",
        TrueValue = "true",
        FalseValue = "false",
    };

    /// <exception cref="ArgumentException">The options contradict each other, or name a culture that does not exist.</exception>
    public static void Check(CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.NullValues);
        PartitionCount.Ensure(options.MinPartitions);
        CsvReader.Create(s_nothing, options.ToReader(256)).Dispose();
    }

    /// <inheritdoc cref="Check" />
    public static void CheckForSaving(CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.NullValues);
        if (options.Quote != '"')
        {
            throw new ArgumentException($"CSV files are saved with double quotes; the options say {options.Quote}.", nameof(options));
        }

        _ = options.Compression.Extension();
        CsvWriter.Create(Stream.Null, options.ToWriter()).Dispose();
    }
}
