using MicroSpark.Files;
using MicroSpark.Formats;
using MicroSpark.Formats.Csv;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>The rows of CSV files as elements.</summary>
    internal sealed class CsvFileNode<T> : SplitsNode<CsvOptions, T>
    {
        public CsvFileNode(CsvOptions options, Func<TextSplit[]> plan)
            : base(options, plan)
        {
        }

        private CsvFileNode(PlanReader reader)
            : base(reader)
        {
        }

        public override string Operator => "CsvFile";

        protected override ChunkReader<T> OpenSplit(TextSplit split, TaskScope scope) =>
            new GoodRowReader<T>(new CsvRowReader<T>(split, Options, scope.Cancellation), Options.BadRows, scope.Cancellation);
    }

    /// <summary>The rows that <see cref="CsvFileNode{T}"/> leaves out.</summary>
    internal sealed class CsvBadRowsNode<T> : SplitsNode<CsvOptions, BadRow>
    {
        public CsvBadRowsNode(CsvOptions options, Func<TextSplit[]> plan)
            : base(options, plan)
        {
        }

        private CsvBadRowsNode(PlanReader reader)
            : base(reader)
        {
        }

        public override string Operator => "CsvBadRows";

        protected override ChunkReader<BadRow> OpenSplit(TextSplit split, TaskScope scope) =>
            new BadRowReader<T>(new CsvRowReader<T>(split, Options, scope.Cancellation), scope.Cancellation);
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> CsvFile<T>(JobRunner runner, string path, CsvOptions? options) =>
            Csv<T, T>(runner, path, options, "CsvFile", static (options, plan) => new CsvFileNode<T>(options, plan));

        public static Rdd<BadRow> CsvBadRows<T>(JobRunner runner, string path, CsvOptions? options) =>
            Csv<T, BadRow>(runner, path, options, "CsvBadRows", static (options, plan) => new CsvBadRowsNode<T>(options, plan));

        private static Rdd<TOut> Csv<T, TOut>(
            JobRunner runner, string path, CsvOptions? options, string operatorName,
            Func<CsvOptions, Func<TextSplit[]>, PlanNode<TOut>> node)
        {
            options ??= new CsvOptions();
            CsvDialect.Check(options);
            _ = CsvBinder<T>.Binding;
            return OfFiles<T, TOut>(runner, path, operatorName, options.MinPartitions, wholeFiles: false, plan => node(options, plan));
        }
    }
}
