using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Formats.Parquet;
using MicroSpark.Formats.Parquet.Elements;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>
    /// The rows of Parquet files. Files are listed and their footers read once, at the first use of the partition count or the lineage id.
    /// </summary>
    internal sealed class ParquetFileNode<T> : PlanNode<T>
    {
        private const int LeastBytes = PlanFiles.LeastBytes + sizeof(int);

        private readonly IReadOnlyList<string> _paths;
        private ParquetSplit[]? _splits;

        public ParquetFileNode(IReadOnlyList<string> paths)
        {
            _paths = paths;
            DependsOnListing = true;
        }

        private ParquetFileNode(PlanReader reader)
        {
            _paths = [];
            _splits = new ParquetSplit[reader.Count(LeastBytes)];
            for (var i = 0; i < _splits.Length; i++)
            {
                _splits[i] = new ParquetSplit(PlanFiles.Read(reader), reader.Int32());
            }
        }

        public override string Operator => "ParquetFile";

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Int32(_splits!.Length);
            foreach (var split in _splits)
            {
                PlanFiles.Write(writer, split.File);
                writer.Int32(split.RowGroup);
            }
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            new SourceReader<T>(
                this, scope, () => new ParquetRows<T>(_splits![partition], scope.Cancellation, scope.Memory.LongestLine));

        protected override int CountPartitions() => (_splits ??= ParquetSplit.Plan(FileListing.List(_paths))).Length;
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> ParquetFile<T>(JobRunner runner, string path)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            _ = ParquetBinding<T>.Instance;
            ValueCodec.EnsureEncodable(typeof(T));
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new(runner, NodeRef.Of("ParquetFile", () => new ParquetFileNode<T>(paths), needsCounts: false));
        }
    }
}
