using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>Object files, a partition each. Listed once, at the first use of the partition count or the lineage id.</summary>
    internal sealed class ObjectFileNode<T> : PlanNode<T>
    {
        private readonly IReadOnlyList<string> _paths;
        private FileEntry[]? _files;

        public ObjectFileNode(IReadOnlyList<string> paths)
        {
            _paths = paths;
            DependsOnListing = true;
        }

        private ObjectFileNode(PlanReader reader)
        {
            _paths = [];
            _files = PlanFiles.ReadAll(reader);
        }

        public override string Operator => "ObjectFile";

        public override void WriteArguments(PlanWriter writer) => PlanFiles.WriteAll(writer, _files!);

        public override ChunkReader<T> Open(int partition, TaskScope scope) => new ObjectFileReader<T>(_files![partition], scope.Code);

        protected override int CountPartitions() => (_files ??= FileListing.List(_paths)).Length;
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> ObjectFile<T>(JobRunner runner, string path)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new Rdd<T>(runner, NodeRef.Of("ObjectFile", () => new ObjectFileNode<T>(paths), needsCounts: false));
        }
    }
}
