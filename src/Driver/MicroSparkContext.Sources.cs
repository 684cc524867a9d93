using System.Data.Common;
using MicroSpark.Sources;

namespace MicroSpark;

public sealed partial class MicroSparkContext
{
    /// <summary>
    /// An RDD of items that the program has. They are copied at the call. Slice i of n holds the positions floor(i * L / n) up to
    /// floor((i + 1) * L / n).
    /// </summary>
    /// <param name="items">Any number of items, also none.</param>
    /// <param name="partitions">1 or more; <see cref="DefaultParallelism"/> when null.</param>
    /// <exception cref="ArgumentException">The partition count is below 1, or the element type cannot travel.</exception>
    public Rdd<T> Parallelize<T>(IEnumerable<T> items, int? partitions = null) => Source.Parallelize(_runner, items, partitions);

    /// <summary>The numbers 0 up to <paramref name="end"/>, which is not included.</summary>
    public Rdd<long> Range(long end) => Source.Range(_runner, 0, end, 1, null);

    /// <summary>The numbers from <paramref name="start"/> to <paramref name="end"/>, which is not included; never held in memory.</summary>
    /// <param name="start">The first number.</param>
    /// <param name="end">Where it ends; empty when the step leads away from it.</param>
    /// <param name="step">Positive or negative, not 0.</param>
    /// <param name="partitions">1 or more; <see cref="DefaultParallelism"/> when null.</param>
    /// <exception cref="ArgumentException">The step is 0, or the partition count is below 1.</exception>
    public Rdd<long> Range(long start, long end, long step = 1, int? partitions = null) =>
        Source.Range(_runner, start, end, step, partitions);

    /// <summary>An RDD without elements and without partitions.</summary>
    public Rdd<T> Empty<T>() => Source.Empty<T>(_runner);

    /// <summary>All elements of all RDDs, duplicates kept, one RDD's partitions after the other's.</summary>
    /// <exception cref="ArgumentException">An RDD is of another context.</exception>
    public Rdd<T> Union<T>(params IEnumerable<Rdd<T>> rdds) => Source.Union(_runner, rdds);

    /// <summary>
    /// The lines of text files, UTF-8 (invalid bytes are replaced), split at line ends by size. Files are listed at the first use.
    /// Each file has partitions of its own, as long as these are no more than 1,000; of more files, small neighbours share partitions.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas. A gzip file is one partition.</param>
    /// <param name="minPartitions">1 or more; when null as many as <see cref="DefaultParallelism"/>, each of 4 to 128 MB, and at least 2
    /// (1 if <see cref="DefaultParallelism"/> is).</param>
    public Rdd<string> TextFile(string path, int? minPartitions = null) => Source.TextFile(_runner, path, minPartitions);

    /// <summary>
    /// Whole text files, UTF-8 (invalid bytes are replaced; gzip files are decompressed), each with its path. Files are listed at the first
    /// use.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="minPartitions">1 or more; when null as many as <see cref="DefaultParallelism"/>, each of 4 to 128 MB, and at least 2
    /// (1 if <see cref="DefaultParallelism"/> is). Small files share partitions.</param>
    public Rdd<(string Path, string Content)> WholeTextFiles(string path, int? minPartitions = null) =>
        Source.WholeTextFiles(_runner, path, minPartitions);

    /// <summary>Whole files as they are stored, each with its path. Files are listed at the first use.</summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="minPartitions">1 or more; when null as many as <see cref="DefaultParallelism"/>, each of 4 to 128 MB, and at least 2
    /// (1 if <see cref="DefaultParallelism"/> is). Small files share partitions.</param>
    public Rdd<(string Path, byte[] Content)> BinaryFiles(string path, int? minPartitions = null) =>
        Source.BinaryFiles(_runner, path, minPartitions);

    /// <summary>
    /// Records of a fixed length. A file whose length is no multiple of it fails the first use with <see cref="InvalidDataException"/>.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="recordLength">In bytes, 1 or more.</param>
    /// <remarks>Partitions as of <see cref="BinaryFiles"/> without a number, and none across two files.</remarks>
    public Rdd<byte[]> BinaryRecords(string path, int recordLength) => Source.BinaryRecords(_runner, path, recordLength);

    /// <summary>
    /// The rows of CSV files as elements: records, classes, structs (columns are matched with members by name), tuples (by position), or
    /// <c>string[]</c> (all fields). UTF-8; gzip and zstd files are decompressed. Line ends inside quotes are fine, large files are split
    /// all the same. Files are listed at the first use.
    /// </summary>
    /// <typeparam name="T">Made by the public constructor with the most parameters that are named after members, then by setting
    /// members.</typeparam>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="options">RFC 4180 with a header line when null. A row that cannot be read fails the job, unless they say
    /// otherwise.</param>
    /// <exception cref="ArgumentException">The type has a member that no field can become, or the options contradict each
    /// other.</exception>
    public Rdd<T> CsvFile<T>(string path, CsvOptions? options = null) => Source.CsvFile<T>(_runner, path, options);

    /// <summary>
    /// The rows that <see cref="CsvFile{T}"/>, called with the same arguments and <see cref="BadRows.Skip"/>, leaves out. Every row of the
    /// files is in exactly one of the two.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="options">As given to <see cref="CsvFile{T}"/>.</param>
    public Rdd<BadRow> CsvBadRows<T>(string path, CsvOptions? options = null) => Source.CsvBadRows<T>(_runner, path, options);

    /// <summary>
    /// The values of JSON files as elements, one JSON value a line (or one array, see the options), by System.Text.Json: names match
    /// without regard to case, public fields count, enums go by name or number. gzip and zstd files are decompressed, large files are
    /// split. Files are listed at the first use.
    /// </summary>
    /// <remarks>
    /// A value that a line lacks, or that is null, is an error where the element's constructor needs one that is not nullable.
    /// </remarks>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="options">A value a line when null. A line that cannot be read fails the job, unless they say otherwise.</param>
    /// <exception cref="ArgumentException">System.Text.Json cannot handle the type.</exception>
    public Rdd<T> JsonFile<T>(string path, JsonFileOptions? options = null) => Source.JsonFile<T>(_runner, path, options);

    /// <summary>
    /// The lines (or array items) that <see cref="JsonFile{T}"/>, called with the same arguments and <see cref="BadRows.Skip"/>, leaves
    /// out. Every value of the files is in exactly one of the two.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="options">As given to <see cref="JsonFile{T}"/>.</param>
    public Rdd<BadRow> JsonBadRows<T>(string path, JsonFileOptions? options = null) => Source.JsonBadRows<T>(_runner, path, options);

    /// <summary>
    /// The rows of Parquet files as elements: records, classes, structs (columns are matched with members by name), tuples (by position). A
    /// partition is a row group; only the columns that the elements have are read. Files are listed, and their footers read, at the first
    /// use. Members may be lists, arrays, dictionaries and such types themselves.
    /// </summary>
    /// <remarks>
    /// A file that cannot be read fails the task that reads it with <see cref="InvalidDataException"/>, which names file, column and place:
    /// wrong bytes, a value that the member's type lacks, a part of the format that is not read. No value is changed.
    /// </remarks>
    /// <typeparam name="T">Made by the public constructor with the most parameters that are named after members, then by setting
    /// members.</typeparam>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <exception cref="ArgumentException">The type has a member that no column can become.</exception>
    public Rdd<T> ParquetFile<T>(string path) => Source.ParquetFile<T>(_runner, path);

    /// <summary>
    /// What <c>SaveAsObjectFileAsync</c> wrote, a partition per file, in the order of their names. Files are listed at the first use; one
    /// of other elements or that is damaged fails the task that reads it with <see cref="InvalidDataException"/>.
    /// </summary>
    /// <param name="path">A directory, a file, a glob, or a list of them with commas.</param>
    /// <typeparam name="T">The element type, with the fields that it had when it was written.</typeparam>
    public Rdd<T> ObjectFile<T>(string path) => Source.ObjectFile<T>(_runner, path);

    /// <inheritdoc cref="ObjectFile{T}(string)" />
    /// <param name="path">A directory, a file, a glob, or a list of them with commas.</param>
    /// <param name="knownTypes">
    /// Types of the program that the files may bring behind <c>object</c> or an interface of the framework, such as <c>IComparable</c>.
    /// Those that <typeparamref name="T"/> is made of, and what derives from them behind a class or an interface of the program's own, need
    /// not be listed; a file that brings another one fails its task.
    /// </param>
    /// <exception cref="ArgumentException">A type of the list is one that no file may bring, such as a delegate.</exception>
    public Rdd<T> ObjectFile<T>(string path, IReadOnlyCollection<Type> knownTypes)
    {
        ArgumentNullException.ThrowIfNull(knownTypes);
        return Source.ObjectFile<T>(_runner, path, knownTypes);
    }

    /// <summary>
    /// The rows of a query on any ADO.NET database, each partition with a range of keys: <c>SELECT id, name FROM people WHERE id BETWEEN
    /// @lower AND @upper</c>. Columns are matched with members by name, for tuples by position. Rows whose key is outside of the bounds are
    /// not read.
    /// </summary>
    /// <remarks>
    /// Partitions are read at different times, and again when a worker is lost: rows that change meanwhile may come twice or not at all.
    /// Save to files what must stay the same.
    /// </remarks>
    /// <typeparam name="T">Made by the public constructor with the most parameters that are named after members, then by setting
    /// members.</typeparam>
    /// <param name="connect">Runs on the workers; makes a new connection each time, as in <c>() => new NpgsqlConnection(text)</c>.</param>
    /// <param name="query">Names the parameters <c>@lower</c> and <c>@upper</c>, both included in the range.</param>
    /// <param name="lower">The smallest key to read.</param>
    /// <param name="upper">The largest key to read.</param>
    /// <param name="partitions">1 or more, of about equal ranges; <see cref="DefaultParallelism"/> when null.</param>
    /// <exception cref="ArgumentException">The query lacks a parameter, the bounds are the wrong way round, or the type has no named
    /// values.</exception>
    /// <exception cref="ClosureNotShippableException">The function holds something that cannot travel, such as an open
    /// connection.</exception>
    public Rdd<T> SqlQuery<T>(Func<DbConnection> connect, string query, long lower, long upper, int? partitions = null) =>
        Source.SqlQuery<T>(_runner, connect, query, lower, upper, partitions);
}
