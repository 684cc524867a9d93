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
    public Rdd<T> Parallelize<T>(IEnumerable<T> items, int? partitions = null) => Sources.Parallelize(_runner, items, partitions);

    /// <summary>The numbers 0 up to <paramref name="end"/>, which is not included.</summary>
    public Rdd<long> Range(long end) => Sources.Range(_runner, 0, end, 1, null);

    /// <summary>The numbers from <paramref name="start"/> to <paramref name="end"/>, which is not included; never held in memory.</summary>
    /// <param name="start">The first number.</param>
    /// <param name="end">Where it ends; empty when the step leads away from it.</param>
    /// <param name="step">Positive or negative, not 0.</param>
    /// <param name="partitions">1 or more; <see cref="DefaultParallelism"/> when null.</param>
    /// <exception cref="ArgumentException">The step is 0, or the partition count is below 1.</exception>
    public Rdd<long> Range(long start, long end, long step = 1, int? partitions = null) => Sources.Range(_runner, start, end, step, partitions);

    /// <summary>An RDD without elements and without partitions.</summary>
    public Rdd<T> Empty<T>() => Sources.Empty<T>(_runner);

    /// <summary>All elements of all RDDs, duplicates kept, one RDD's partitions after the other's.</summary>
    /// <exception cref="ArgumentException">An RDD is of another context.</exception>
    public Rdd<T> Union<T>(params IEnumerable<Rdd<T>> rdds) => Sources.Union(_runner, rdds);

    /// <summary>
    /// The lines of text files, UTF-8 (invalid bytes are replaced), split at line ends by size. Files are listed at the first use.
    /// </summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas. A gzip file is one partition.</param>
    /// <param name="minPartitions">1 or more; the smaller of <see cref="DefaultParallelism"/> and 2 when null.</param>
    public Rdd<string> TextFile(string path, int? minPartitions = null) => Sources.TextFile(_runner, path, minPartitions);

    /// <summary>Whole text files, UTF-8 (invalid bytes are replaced; gzip files are decompressed), each with its path. Files are listed at the first use.</summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="minPartitions">1 or more; the smaller of <see cref="DefaultParallelism"/> and 2 when null. Small files share partitions.</param>
    public Rdd<(string Path, string Content)> WholeTextFiles(string path, int? minPartitions = null) =>
        Sources.WholeTextFiles(_runner, path, minPartitions);

    /// <summary>Whole files as they are stored, each with its path. Files are listed at the first use.</summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="minPartitions">1 or more; the smaller of <see cref="DefaultParallelism"/> and 2 when null. Small files share partitions.</param>
    public Rdd<(string Path, byte[] Content)> BinaryFiles(string path, int? minPartitions = null) => Sources.BinaryFiles(_runner, path, minPartitions);

    /// <summary>Records of a fixed length. A file whose length is no multiple of it fails the first use with <see cref="InvalidDataException"/>.</summary>
    /// <param name="path">A file, a directory, a glob, or a list of them with commas.</param>
    /// <param name="recordLength">In bytes, 1 or more.</param>
    public Rdd<byte[]> BinaryRecords(string path, int recordLength) => Sources.BinaryRecords(_runner, path, recordLength);
}
