using System.Collections.Frozen;
using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>Object files, a partition each. Listed once, at the first use of the partition count or the lineage id.</summary>
    internal sealed class ObjectFileNode<T> : PlanNode<T>
    {
        private readonly IReadOnlyList<string> _paths;
        private readonly Type[] _knownTypes;
        private readonly Lazy<FrozenSet<Type>> _named;
        private FileEntry[]? _files;

        public ObjectFileNode(IReadOnlyList<string> paths, Type[] knownTypes)
            : this(knownTypes)
        {
            _paths = paths;
            DependsOnListing = true;
        }

        private ObjectFileNode(PlanReader reader)
            : this(reader.Value<Type[]>())
        {
            _files = PlanFiles.ReadAll(reader);
        }

        private ObjectFileNode(Type[] knownTypes)
        {
            (_paths, _knownTypes) = ([], knownTypes);
            _named = new(() => NamedTypes.Of([typeof(T), .. knownTypes]));
        }

        public override string Operator => "ObjectFile";

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Value(_knownTypes);
            PlanFiles.WriteAll(writer, _files!);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            new ObjectFileReader<T>(_files![partition], scope.Code.Naming(_named.Value));

        protected override int CountPartitions() => (_files ??= FileListing.List(_paths)).Length;
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> ObjectFile<T>(JobRunner runner, string path, IReadOnlyCollection<Type>? knownTypes = null)
        {
            runner.EnsureUsable();
            Type[] known = [.. knownTypes ?? []];
            foreach (var type in known)
            {
                ArgumentNullException.ThrowIfNull(type, nameof(knownTypes));
                if (DataTypes.RefusalOf(type) is { } refusal)
                {
                    throw new ArgumentException($"{TypeNames.Of(type)} cannot be read from a file: {refusal}", nameof(knownTypes));
                }
            }

            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            return new Rdd<T>(runner, NodeRef.Of("ObjectFile", () => new ObjectFileNode<T>(paths, known), needsCounts: false));
        }
    }
}
