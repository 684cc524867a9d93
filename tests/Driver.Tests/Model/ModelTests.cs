using System.Reflection;
using System.Runtime.CompilerServices;
using CsCheck;

namespace MicroSpark.Tests.Model;

/// <summary>
/// Every public operation gives what its model in plain LINQ gives: on random inputs and on the shapes that programs forget, on one silo and
/// on three, compiled and interpreted. A failure says the seed; <c>CsCheck_Seed</c> repeats it.
/// </summary>
public sealed class ModelTests(ModelClusters clusters) : IClassFixture<ModelClusters>
{
    /// <summary>The machine that builds has a minute for all of them. <c>CsCheck_Iter</c> asks for more.</summary>
    private static readonly long s_inputs = Environment.GetEnvironmentVariable("CsCheck_Iter") is null ? 2 : -1;

    private static readonly Operation[] s_operations =
    [
        .. ElementOperations.Table, .. PairOperations.Own, .. PairOperations.OfTwo, .. ActionOperations.OfElements, .. ActionOperations.OfPairs,
        .. ActionOperations.OfNumbers, .. SourceOperations.Table,
    ];

    /// <summary>Members that are no operations, or that need what an input cannot have. Each with its reason.</summary>
    private static readonly Dictionary<string, string> s_exceptions = new()
    {
        ["SetName(name)"] = "gives no elements; LineageTextTests",
        ["ToDebugString()"] = "gives no elements; LineageTextTests",
        ["ToMermaid()"] = "gives no elements; LineageDiagramTests",
        ["ToString()"] = "gives no elements",
        ["Partitioner()"] = "asked for by every operation that places pairs",
        ["Checkpoint()"] = "needs a folder per context; CheckpointTests",
        ["Context.SqlQuery(connect, query, lower, upper, partitions)"] = "needs a database; FormatTests, PostgresTableTests",
        ["Context.CsvBadRows(path, options)"] = "FormatTests",
        ["Context.JsonBadRows(path, options)"] = "JsonFileTests",
    };

    /// <summary>A program of the host is in no approved assembly.</summary>
    private const string RunsPrograms = "Pipe(command, arguments)";

    public static TheoryData<string> Operations => [.. s_operations.Select(operation => operation.Name)];

    public static TheoryData<string, string> Edges
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var operation in s_operations)
            {
                foreach (var edge in Input.Edges.Keys)
                {
                    rows.Add(operation.Name, edge);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public Task Random_inputs_give_what_LINQ_gives(string operation) =>
        Input.Any.SampleAsync(input => CheckAsync(operation, input, clusters.All.Keys), iter: s_inputs, threads: 1);

    [Theory]
    [MemberData(nameof(Edges))]
    public Task Edges_give_what_LINQ_gives(string operation, string edge) =>
        CheckAsync(operation, Input.Edges[edge], edge == Input.ManyPartitions ? ModelClusters.Widest : ModelClusters.Farthest);

    [Fact]
    public Task Random_programs_give_what_LINQ_gives() =>
        Gen.Select(Input.Any, Gen.Select(Gen.OneOf([.. Step.All]), Gen.Int[1, 7]).Array[1, 8]).SampleAsync(
            async (input, steps) =>
            {
                foreach (var cluster in clusters.All.Keys)
                {
                    var start = new Program(clusters.Rdds(cluster, input).Pairs, [.. input.Pairs.SelectMany(part => part)], Ordered: true);
                    var program = steps.Aggregate(start, (p, step) => step.Item1.Add(p, step.Item2));
                    var found = await program.Rdd.CollectAsync();
                    var said = $"{string.Join(", ", steps)} on {cluster}\nof       {input}";
                    Assert.True(Outcome.OfBag(program.Items) == Outcome.OfBag(found), $"{said}\nexpected {Outcome.OfBag(program.Items)}\nfound    {Outcome.OfBag(found)}");
                    Assert.True(!program.Ordered || Outcome.Of(program.Items) == Outcome.Of(found), $"{said}\nexpected {Outcome.Of(program.Items)}\nfound    {Outcome.Of(found)}");
                    Assert.Equal(program.Items.Length, await program.Rdd.CountAsync());
                }
            },
            iter: s_inputs < 0 ? -1 : 10 * s_inputs, threads: 1);

    [Fact]
    public void Every_public_operation_is_in_the_table()
    {
        var members = typeof(Rdd<>).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => !m.IsSpecialName).Select(m => Text(m, ""))
            .Concat(Methods(typeof(OrderedRdd<>), "OrderedRdd."))
            .Concat(Methods(typeof(BarrierRdd<>), "Barrier."))
            .Concat(Methods(typeof(PairRdd), ""))
            .Concat(Methods(typeof(NumericRdd), ""))
            .Concat(typeof(RangePartitioner<>).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => !m.IsSpecialName).Select(m => Text(m, "RangePartitioner.")))
            .Concat(typeof(MicroSparkContext).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                .Where(m => m.ReturnType.IsGenericType && m.ReturnType.GetGenericTypeDefinition() == typeof(Rdd<>)).Select(m => Text(m, "Context.")))
            .Append(Text(typeof(MicroSparkContext).GetMethod(nameof(MicroSparkContext.RunJobAsync))!, ""))
            .Append("operator +(left, right)")
            .ToHashSet();
        var table = s_operations.Select(operation => operation.Member).Concat(s_exceptions.Keys).ToHashSet();
        Assert.Empty(members.Except(table).Order());
        Assert.Empty(table.Except(members).Order());
        Assert.Equal(s_operations.Length, s_operations.Select(operation => operation.Name).Distinct().Count());

        static IEnumerable<string> Methods(Type type, string prefix) =>
            type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).Where(m => !m.IsSpecialName).Select(m => Text(m, prefix));

        static string Text(MethodInfo method, string prefix) =>
            $"{prefix}{method.Name}({string.Join(", ", method.GetParameters().Skip(method.IsDefined(typeof(ExtensionAttribute)) ? 1 : 0).Select(p => p.Name))})";
    }

    private async Task CheckAsync(string name, Input input, IEnumerable<string> on)
    {
        var operation = s_operations.Single(o => o.Name == name);
        var expected = await Outcome.OfAsync(() => operation.ModelAsync(input));
        foreach (var cluster in on)
        {
            if (operation.Member == RunsPrograms && ModelClusters.Approving.Contains(cluster))
            {
                // Where there is no partition no worker reads the plan.
                var refused = await Record.ExceptionAsync(() => operation.RunAsync(clusters.Rdds(cluster, input)));
                Assert.True(refused is not null || input.Words.Length == 0, $"{name} on {cluster} ran a program of the host for {input}");
                continue;
            }

            var found = await Outcome.OfAsync(() => operation.RunAsync(clusters.Rdds(cluster, input)));
            Assert.True(expected == found, $"{name} on {cluster}\nof       {input}\nexpected {expected}\nfound    {found}");
        }
    }
}
