using MicroSpark.Code;
using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Files;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Plans;

/// <summary>A plan comes from a client: its counts allocate nothing that its bytes do not back, and wrong ones are told as damage.</summary>
public sealed class DamagedPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LocalRunner _runner = new(1, fused: true, simulated: false);

    public void Dispose()
    {
        _runner.Dispose();
        _folder.Dispose();
    }

    /// <summary>A plan of 700 bytes made a worker allocate 23.9 GB.</summary>
    [Fact]
    public void A_count_that_the_bytes_do_not_back_is_refused_wherever_it_stands()
    {
        foreach (var plan in Plans())
        {
            for (var at = 0; at + 4 <= plan.Length; at++)
            {
                var damaged = plan.ToArray();
                BitConverter.TryWriteBytes(damaged.AsSpan(at), 0x1FFFFFFF);
                var before = GC.GetAllocatedBytesForCurrentThread();
                Read(damaged);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 2 << 20, $"{allocated} bytes were allocated for a number at byte {at} of {plan.Length}.");
            }
        }

        static void Read(byte[] bytes)
        {
            try
            {
                Decode(bytes);
            }
            catch (Exception e) when (e is InvalidDataException || IsOfMissingCode(e))
            {
            }
        }
    }

    [Fact]
    public void Any_bytes_are_a_plan_or_damage()
    {
        var seed = 0;
        foreach (var plan in Plans())
        {
            Mutations.Check(plan, Decode, 400, ++seed, IsOfMissingCode);
        }
    }

    [Fact]
    public void What_grains_read_of_a_plan_is_a_plan_or_damage()
    {
        foreach (var plan in Plans())
        {
            Mutations.Check(plan, static bytes => EncodedPlan.ReadSkeleton(bytes), 300);
            Mutations.Check(plan, static bytes => EncodedPlan.ReadBlobs(bytes), 300, 2);
            Mutations.Check(plan, static bytes => EncodedPlan.ReadAssemblies(bytes), 300, 3);
        }

        Mutations.Check(PlanHeader.Current.ToBytes(), static bytes => PlanHeader.FromBytes(bytes));
    }

    [Fact]
    public void A_parent_that_comes_later_is_damage()
    {
        var skeleton = EncodedPlan.ReadSkeleton(PlanEncoder.Encode(Source.Range(_runner, 0, 9, 1, 2).Map(static n => n + 1).Node).Bytes);
        var nodes = skeleton.Nodes.ToArray();
        nodes[1] = nodes[1] with { Parents = [new SkeletonEdge(1, PartitionMap.OneToOne.Instance)] };
        var error = Assert.Throws<InvalidDataException>(() => SkeletonCodec.Read(SkeletonCodec.Write(new PlanSkeleton(nodes))));
        Assert.Contains("item 1 of 1 is referenced", error.Message, StringComparison.Ordinal);
    }

    private static void Decode(byte[] bytes) => Plan.Decode(bytes, CodeSpace.Process);

    /// <summary>An assembly that is not there is told apart from damage: sending it may help.</summary>
    private static bool IsOfMissingCode(Exception error) =>
        error is InvalidOperationException && error.Message.Contains("is not loaded here", StringComparison.Ordinal);

    private IEnumerable<byte[]> Plans()
    {
        var text = _folder.Write("lines.txt", "a b\nc d\n");
        _folder.Write("more/x.txt", "x");
        yield return Encode(Source.TextFile(_runner, text, 2).Map(static line => line.Length));
        yield return Encode(Source.BinaryFiles(_runner, text, 1));
        yield return Encode(Source.BinaryRecords(_runner, text, 4));
        yield return Encode(Source.Parallelize(_runner, Enumerable.Range(0, 9).Select(static n => $"{n}"), 3));
        yield return Encode(Source.Range(_runner, 0, 100, 1, 4).Map(static n => (n % 3, n)).ReduceByKey(static (a, b) => a + b).Union(
            Source.Range(_runner, 0, 9, 1, 1).Map(static n => (n, n))));
    }

    private static byte[] Encode<T>(Rdd<T> rdd) => PlanEncoder.Encode(rdd.Node).Bytes;
}
