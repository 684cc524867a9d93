using MicroSpark.Codecs;
using MicroSpark.Files;
using MicroSpark.Formats;
using MicroSpark.Formats.Json;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>The values of JSON files as elements.</summary>
    internal sealed class JsonFileNode<T> : SplitsNode<JsonFileOptions, T>
    {
        public JsonFileNode(JsonFileOptions options, Func<TextSplit[]> plan)
            : base(options, plan)
        {
        }

        private JsonFileNode(PlanReader reader)
            : base(reader)
        {
        }

        public override string Operator => "JsonFile";

        protected override ChunkReader<T> OpenSplit(TextSplit split, TaskScope scope) =>
            new GoodRowReader<T>(
                new JsonRowReader<T>(split, Options, scope.Cancellation, scope.Memory.LongestLine), Options.BadRows,
                scope.Cancellation);
    }

    /// <summary>The values that <see cref="JsonFileNode{T}"/> leaves out.</summary>
    internal sealed class JsonBadRowsNode<T> : SplitsNode<JsonFileOptions, BadRow>
    {
        public JsonBadRowsNode(JsonFileOptions options, Func<TextSplit[]> plan)
            : base(options, plan)
        {
        }

        private JsonBadRowsNode(PlanReader reader)
            : base(reader)
        {
        }

        public override string Operator => "JsonBadRows";

        protected override ChunkReader<BadRow> OpenSplit(TextSplit split, TaskScope scope) =>
            new BadRowReader<T>(
                new JsonRowReader<T>(split, Options, scope.Cancellation, scope.Memory.LongestLine), scope.Cancellation);
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> JsonFile<T>(JobRunner runner, string path, JsonFileOptions? options) =>
            Json<T, T>(runner, path, options, "JsonFile", static (options, plan) => new JsonFileNode<T>(options, plan));

        public static Rdd<BadRow> JsonBadRows<T>(JobRunner runner, string path, JsonFileOptions? options) =>
            Json<T, BadRow>(runner, path, options, "JsonBadRows", static (options, plan) => new JsonBadRowsNode<T>(options, plan));

        private static Rdd<TOut> Json<T, TOut>(
            JobRunner runner, string path, JsonFileOptions? options, string operatorName,
            Func<JsonFileOptions, Func<TextSplit[]>, PlanNode<TOut>> node)
        {
            options ??= new JsonFileOptions();
            _ = JsonBinding<T>.Info;
            _ = JsonPath.Parse(options.Path ?? "$");
            return OfFiles<T, TOut>(runner, path, operatorName, options.MinPartitions, options.HasDocuments, plan => node(options, plan));
        }

        /// <summary>A source of typed files, that are listed when the plan is first needed.</summary>
        private static Rdd<TOut> OfFiles<T, TOut>(
            JobRunner runner, string path, string operatorName, int? minPartitions, bool wholeFiles,
            Func<Func<TextSplit[]>, PlanNode<TOut>> node)
        {
            runner.EnsureUsable();
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            PartitionCount.Ensure(minPartitions);
            ValueCodec.EnsureEncodable(typeof(T));
            var paths = InputPaths.Parse(path, LocalFileSystem.Instance);
            var parallelism = runner.DefaultParallelism;
            return new(runner, NodeRef.Of(operatorName, () => node(Plan), needsCounts: false));

            TextSplit[] Plan()
            {
                var files = FileListing.List(paths);
                return wholeFiles ? Array.ConvertAll(files, static f => new TextSplit(f.Path, 0, f.Length, f.Length, f.ModifiedTicks))
                    : minPartitions is { } wanted ? TextSplits.Plan(files, wanted)
                    : TextSplits.PlanLarge(files, parallelism);
            }
        }
    }
}
