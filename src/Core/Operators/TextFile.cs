using MicroSpark.Engine;
using MicroSpark.Files;
using MicroSpark.Operators;
using MicroSpark.Plans;
using MicroSpark.Stages;

namespace MicroSpark.Operators
{
    /// <summary>The lines of files. Listed once, at the first use of the partition count or the lineage id.</summary>
    internal sealed class TextFileNode : PlanNode<string>
    {
        private readonly IReadOnlyList<string> _paths;
        private readonly int _minPartitions;
        private TextSplit[]? _splits;
        private int[] _ends = [];

        public TextFileNode(IReadOnlyList<string> paths, int minPartitions)
        {
            _paths = paths;
            _minPartitions = minPartitions;
            DependsOnListing = true;
        }

        private TextFileNode(PlanReader reader)
        {
            _paths = [];
            _splits = new TextSplit[reader.Int32()];
            for (var i = 0; i < _splits.Length; i++)
            {
                _splits[i] = new TextSplit(reader.Text()!, reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64());
            }

            _ends = new int[reader.Int32()];
            for (var i = 0; i < _ends.Length; i++)
            {
                _ends[i] = reader.Int32();
            }
        }

        public override string Operator => "TextFile";

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Int32(_splits!.Length);
            foreach (var split in _splits)
            {
                writer.Text(split.Path);
                writer.Int64(split.Start);
                writer.Int64(split.Length);
                writer.Int64(split.FileLength);
                writer.Int64(split.ModifiedTicks);
            }

            writer.Int32(_ends.Length);
            foreach (var end in _ends)
            {
                writer.Int32(end);
            }
        }

        public override ChunkReader<string> Open(int partition, TaskScope scope) =>
            new LineReader(_splits!.AsMemory((partition == 0 ? 0 : _ends[partition - 1]).._ends[partition]), scope.Cancellation);

        protected override int CountPartitions()
        {
            if (_splits is null)
            {
                _splits = TextSplits.Plan(FileListing.List(_paths), _minPartitions);
                _ends = TextSplits.Pack(_splits, _minPartitions);
            }

            return _ends.Length;
        }
    }
}

namespace MicroSpark
{
    internal static partial class Sources
    {
        public static Rdd<string> TextFile(JobRunner runner, string path, int? minPartitions)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            Rdd<string>.EnsurePartitions(minPartitions);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new Rdd<string>(
                runner,
                NodeRef.Of("TextFile", () => new TextFileNode(paths, minPartitions ?? Math.Min(runner.DefaultParallelism, 2)), needsCounts: false));
        }
    }
}
