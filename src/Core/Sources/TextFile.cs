using MicroSpark.Files;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>The lines of files. Listed once, at the first use of the partition count or the lineage id.</summary>
    internal sealed class TextFileNode : PlanNode<string>
    {
        private readonly IReadOnlyList<string> _paths;
        private readonly PartitionWish _wish;
        private PackedSplits? _splits;

        public TextFileNode(IReadOnlyList<string> paths, PartitionWish wish)
        {
            _paths = paths;
            _wish = wish;
            DependsOnListing = true;
        }

        private TextFileNode(PlanReader reader) => (_paths, _splits) = ([], PackedSplits.Read(reader));

        public override string Operator => "TextFile";

        public override void WriteArguments(PlanWriter writer) => _splits!.Write(writer);

        public override ChunkReader<string> Open(int partition, TaskScope scope) =>
            new LineReader(_splits![partition], scope.Cancellation, scope.Memory.LongestLine);

        protected override int CountPartitions() => (_splits ??= Plan(FileListing.List(_paths))).Partitions;

        private PackedSplits Plan(FileEntry[] files)
        {
            var least = _wish.For(files);
            return PackedSplits.Of(TextSplits.Plan(files, least), least);
        }
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<string> TextFile(JobRunner runner, string path, int? minPartitions)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            PartitionCount.Ensure(minPartitions);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new Rdd<string>(
                runner,
                NodeRef.Of(
                    "TextFile", () => new TextFileNode(paths, new PartitionWish(minPartitions, runner.DefaultParallelism)),
                    needsCounts: false));
        }
    }
}
