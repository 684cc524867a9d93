using System.Data;
using System.Data.Common;
using System.Text.RegularExpressions;
using MicroSpark.Closures;
using MicroSpark.Codecs;
using MicroSpark.Formats.Records;
using MicroSpark.Formats.Tables;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Sources
{
    /// <summary>
    /// The rows of a database query, a range of keys for each partition. What a database holds is not part of the recipe, so it has no
    /// identity by content.
    /// </summary>
    internal sealed class SqlQueryNode<T>(Closure<Func<DbConnection>> connect, string query, long lower, long upper, int partitions)
        : PlanNode<T>
    {
        private SqlQueryNode(PlanReader reader)
            : this(reader.Closure<Func<DbConnection>>(), reader.Text(), reader.Int64(), reader.Int64(), reader.Int32())
        {
        }

        public override string Operator => "SqlQuery";

        protected override bool HasStableIdentity => false;

        public override void WriteArguments(PlanWriter writer)
        {
            writer.Closure(connect);
            writer.Text(query);
            writer.Int64(lower);
            writer.Int64(upper);
            writer.Int32(partitions);
        }

        public override ChunkReader<T> Open(int partition, TaskScope scope) =>
            new SourceReader<T>(this, scope, () => new EnumerableReader<T>(Read(partition, scope)));

        protected override int CountPartitions() => partitions;

        private IEnumerable<T> Read(int partition, TaskScope scope)
        {
            var (first, last) = SqlRanges.Of(lower, upper, partitions, partition);
            if (first > last)
            {
                yield break;
            }

            using var connection = connect.CreateInstance()()
                ?? throw new InvalidOperationException(
                    "The function that SqlQuery was given to connect with returned null; it must return a new connection each time.");
            if (connection.State == ConnectionState.Closed)
            {
                connection.Open();
            }

            using var command = connection.CreateCommand();
            command.CommandText = query;
            command.CommandTimeout = 0; // a cancelled job cancels its command
            Add(command, "lower", first);
            Add(command, "upper", last);
            using var cancelling = scope.Cancellation.UnsafeRegister(static command => ((DbCommand)command!).Cancel(), command);
            using var reader = command.ExecuteReader();
            var (make, members, byPosition) = TableBinder<T>.Binding;
            var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
            var row = new TableRow(reader, members, RecordColumns.Match(members, byPosition, names, "SqlQuery"));
            for (; reader.Read(); row.Number++)
            {
                if ((row.Number & 0xff) == 0)
                {
                    scope.Cancellation.ThrowIfCancellationRequested();
                }

                yield return make(row);
            }

            // A command that was cancelled may end as if there were no more rows.
            scope.Cancellation.ThrowIfCancellationRequested();
        }

        private static void Add(DbCommand command, string name, long value)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = DbType.Int64;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
    }

    /// <summary>Cuts a range of keys into ranges of about equal length.</summary>
    internal static class SqlRanges
    {
        /// <summary>Both ends included; the last is before the first when there are more partitions than keys.</summary>
        public static (long First, long Last) Of(long lower, long upper, int partitions, int partition)
        {
            var length = (Int128)upper - lower + 1;
            return ((long)(lower + (length * partition / partitions)), (long)(lower + (length * (partition + 1) / partitions) - 1));
        }
    }
}

namespace MicroSpark.Sources
{
    internal static partial class Source
    {
        public static Rdd<T> SqlQuery<T>(
            JobRunner runner, Func<DbConnection> connect, string query, long lower, long upper, int? partitions)
        {
            runner.EnsureUsable();
            ArgumentNullException.ThrowIfNull(connect);
            ArgumentException.ThrowIfNullOrWhiteSpace(query);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(lower, upper);
            PartitionCount.Ensure(partitions);
            foreach (var name in new[] { "lower", "upper" })
            {
                if (!Regex.IsMatch(query, $"[@:$]{name}\\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant))
                {
                    throw new ArgumentException(
                        $"The query does not name the parameter @{name}. Each partition runs it with its own range of keys: SELECT ... "
                        + $"WHERE id BETWEEN @lower AND @upper.",
                        nameof(query));
                }
            }

            _ = TableBinder<T>.Binding;
            ValueCodec.EnsureEncodable(typeof(T));
            var captured = Closure<Func<DbConnection>>.Capture(connect, "SqlQuery", nameof(connect));
            var count = partitions ?? runner.DefaultParallelism;
            return new(runner, NodeRef.Of("SqlQuery", () => new SqlQueryNode<T>(captured, query, lower, upper, count), needsCounts: false));
        }
    }
}
