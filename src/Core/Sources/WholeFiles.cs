using System.Text;
using MicroSpark.Closures;
using MicroSpark.Files;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>
    /// Whole files, several small ones to a partition. Listed once, at the first use of the partition count or the lineage id.
    /// </summary>
    internal sealed class WholeFilesNode : PlanNode<(string Path, byte[] Content)>
    {
        private readonly IReadOnlyList<string> _paths;
        private readonly string _operator;
        private readonly PartitionWish _wish;
        private FileEntry[][]? _groups;

        public WholeFilesNode(IReadOnlyList<string> paths, string operatorName, PartitionWish wish)
        {
            (_paths, _operator, _wish) = (paths, operatorName, wish);
            DependsOnListing = true;
        }

        private WholeFilesNode(PlanReader reader)
        {
            _paths = [];
            _operator = reader.Text();
            _groups = new FileEntry[reader.Count(sizeof(int))][];
            for (var g = 0; g < _groups.Length; g++)
            {
                _groups[g] = PlanFiles.ReadAll(reader);
            }
        }

        public override string Operator => _operator;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Text(_operator);
            writer.Int32(_groups!.Length);
            foreach (var group in _groups)
            {
                PlanFiles.WriteAll(writer, group);
            }
        }

        public override ChunkReader<(string Path, byte[] Content)> Open(int partition, TaskScope scope) =>
            new EnumerableReader<(string Path, byte[] Content)>(Read(_groups![partition]));

        protected override int CountPartitions()
        {
            if (_groups is null)
            {
                var files = FileListing.List(_paths);
                _groups = Group(files, _wish.For(files));
            }

            return _groups.Length;
        }

        /// <summary>Neighbouring files in groups of about equal size; at most as many groups as files.</summary>
        internal static FileEntry[][] Group(FileEntry[] files, int wanted)
        {
            var target = Math.Max(1, (files.Sum(static f => f.Length) + wanted - 1) / wanted);
            var groups = new List<FileEntry[]>();
            var group = new List<FileEntry>();
            long size = 0;
            for (var i = 0; i < files.Length; i++)
            {
                group.Add(files[i]);
                size += files[i].Length;

                // A group ends when it is full, and where the files that are left are just enough to reach the wanted number.
                if (size >= target || files.Length - i - 1 <= wanted - groups.Count - 1)
                {
                    groups.Add([.. group]);
                    group.Clear();
                    size = 0;
                }
            }

            if (group.Count > 0)
            {
                groups.Add([.. group]);
            }

            return [.. groups];
        }

        private static IEnumerable<(string Path, byte[] Content)> Read(FileEntry[] files)
        {
            foreach (var file in files)
            {
                if (file.Length > Array.MaxLength)
                {
                    throw new InvalidDataException(
                        $"The file '{file.Path}' has {file.Length} bytes, too many for one element. Read it with TextFile or "
                        + $"BinaryRecords.");
                }

                using var stream = LocalFileSystem.Instance.OpenRead(file, 0);
                var content = new byte[file.Length];
                stream.ReadExactly(content);
                yield return (file.Path, content);
            }
        }
    }

    /// <summary>Files as records of one length. A partition is a run of records of one file.</summary>
    internal sealed class BinaryRecordsNode : PlanNode<byte[]>
    {
        private readonly IReadOnlyList<string> _paths;
        private readonly int _recordLength;
        private readonly PartitionWish _wish;
        private PackedSplits? _splits;

        public BinaryRecordsNode(IReadOnlyList<string> paths, int recordLength, PartitionWish wish)
        {
            (_paths, _recordLength, _wish) = (paths, recordLength, wish);
            DependsOnListing = true;
        }

        private BinaryRecordsNode(PlanReader reader)
        {
            (_paths, _recordLength, _splits) = ([], reader.Int32(), PackedSplits.Read(reader));
            if (_recordLength < 1 || _splits.Splits.Any(split => split.Length > 0 && split.Length < _recordLength))
            {
                throw PlanReader.Damaged($"records of {_recordLength} bytes are read from splits that hold none");
            }
        }

        public override string Operator => "BinaryRecords";

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Int32(_recordLength);
            _splits!.Write(writer);
        }

        public override ChunkReader<byte[]> Open(int partition, TaskScope scope) =>
            new EnumerableReader<byte[]>(Read(_splits![partition].Span[0]));

        protected override int CountPartitions() => (_splits ??= PackedSplits.Apart(Split(FileListing.List(_paths)))).Partitions;

        private TextSplit[] Split(FileEntry[] files)
        {
            var records = files.Sum(static f => f.Length) / _recordLength;
            var least = _wish.For(files);
            var perSplit = Math.Clamp(
                (records + least - 1) / least, 1, Math.Max(1, TextSplits.MaxSplitBytes / _recordLength)) * _recordLength;
            var splits = new List<TextSplit>();
            foreach (var file in files)
            {
                if (file.Length % _recordLength != 0)
                {
                    throw new InvalidDataException(
                        $"The file '{file.Path}' has {file.Length} bytes, which is no multiple of the record length {_recordLength} of "
                        + $"BinaryRecords.");
                }

                for (long start = 0; start < file.Length; start += perSplit)
                {
                    splits.Add(new TextSplit(file.Path, start, Math.Min(perSplit, file.Length - start), file.Length, file.ModifiedTicks));
                }
            }

            return [.. splits];
        }

        private IEnumerable<byte[]> Read(TextSplit split)
        {
            using var stream = new BufferedStream(LocalFileSystem.Instance.OpenRead(split.File, split.Start), 64 << 10);
            for (long read = 0; read < split.Length; read += _recordLength)
            {
                var record = new byte[_recordLength];
                stream.ReadExactly(record);
                yield return record;
            }
        }
    }
}

namespace MicroSpark.Sources
{
    [EngineFunction]
    internal static class WholeText
    {
        public static (string Path, string Content) Of((string Path, byte[] Content) file)
        {
            using var reader = new StreamReader(
                FileCompression.Decompress(new MemoryStream(file.Content), file.Path), Encoding.UTF8,
                detectEncodingFromByteOrderMarks: true);
            return (file.Path, reader.ReadToEnd());
        }
    }

    internal static partial class Source
    {
        public static Rdd<(string Path, byte[] Content)> BinaryFiles(
            JobRunner runner, string path, int? minPartitions, string operatorName = "BinaryFiles")
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            PartitionCount.Ensure(minPartitions);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new(runner, NodeRef.Of(
                operatorName, () =>
                    new WholeFilesNode(paths, operatorName, new PartitionWish(minPartitions, runner.DefaultParallelism)),
                    needsCounts: false));
        }

        public static Rdd<(string Path, string Content)> WholeTextFiles(JobRunner runner, string path, int? minPartitions) =>
            BinaryFiles(runner, path, minPartitions, "WholeTextFiles")
                .Map<(string Path, string Content)>("WholeTextFiles", WholeText.Of);

        public static Rdd<byte[]> BinaryRecords(JobRunner runner, string path, int recordLength)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            ArgumentOutOfRangeException.ThrowIfLessThan(recordLength, 1);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new(runner, NodeRef.Of(
                "BinaryRecords", () =>
                    new BinaryRecordsNode(paths, recordLength, new PartitionWish(null, runner.DefaultParallelism)), needsCounts: false));
        }

    }
}
