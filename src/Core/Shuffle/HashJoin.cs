using System.Runtime.CompilerServices;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Joins the pairs of one partition. A small right side is looked up as the left streams past. When the right is large both are split by
/// hash bits, and of each part the side with fewer pairs is looked up. Which it is, and so the order of rows, depends on counts alone.
/// </summary>
/// <param name="keepLeft">Whether left pairs without a right one give a row.</param>
/// <param name="keepRight">Whether right pairs without a left one give a row.</param>
internal sealed class HashJoin<K, V, W, TRow, TBuiltRight, TBuiltLeft>(TaskScope scope, bool keepLeft, bool keepRight)
    where TBuiltRight : struct, IJoinRow<W, V, TRow>
    where TBuiltLeft : struct, IJoinRow<V, W, TRow>
{
    private readonly JoinTable<K, V> _leftTable = new(scope.Memory);
    private readonly JoinTable<K, W> _rightTable = new(scope.Memory);

    public ChunkReader<(K Key, TRow Value)> Open(IPipeline<(K Key, V Value)> left, IPipeline<(K Key, W Value)> right)
    {
        var rightInput = Read(right);
        if (!rightInput.IsSplit)
        {
            return LookUpRight(rightInput, 0, left.AsReader());
        }

        var leftInput = Read(left);
        leftInput.Split();
        return new ConcatReader<(K Key, TRow Value)>(Parts(leftInput, rightInput, 1));
    }

    private SplitInput<K, T> Read<T>(IPipeline<(K Key, T Value)> pairs)
    {
        var input = new SplitInput<K, T>(0, scope.Memory);
        var sink = new SplitSink<K, T>(input);
        pairs.Drive(ref sink);
        return input;
    }

    private IEnumerable<ChunkReader<(K Key, TRow Value)>> Parts(SplitInput<K, V> left, SplitInput<K, W> right, int level)
    {
        for (var part = 0; part < SubPartition.Count; part++)
        {
            var (lefts, rights) = (left.CountOf(part), right.CountOf(part));
            if (Math.Min(lefts, rights) > SplitInput<K, V>.MostWhole && level <= SubPartition.Deepest)
            {
                var leftBelow = left.SplitPart(part, level, scope.Memory);
                var rightBelow = right.SplitPart(part, level, scope.Memory);
                foreach (var below in Parts(leftBelow, rightBelow, level + 1))
                {
                    yield return below;
                }
            }
            else if ((lefts > 0 || (rights > 0 && keepRight)) && (rights > 0 || keepLeft))
            {
                yield return rights <= lefts ? LookUpRight(right, part, left.Take(part)) : LookUpLeft(left, part, right.Take(part));
            }
        }

        left.Clear();
        right.Clear();
    }

    private JoinReader<K, W, V, TRow, TBuiltRight> LookUpRight(SplitInput<K, W> right, int part, ChunkReader<(K Key, V Value)> left)
    {
        Build(_rightTable, right, part);
        return new(_rightTable, left, keepRight, keepLeft);
    }

    private JoinReader<K, V, W, TRow, TBuiltLeft> LookUpLeft(SplitInput<K, V> left, int part, ChunkReader<(K Key, W Value)> right)
    {
        Build(_leftTable, left, part);
        return new(_leftTable, right, keepLeft, keepRight);
    }

    private static void Build<T>(JoinTable<K, T> table, SplitInput<K, T> input, int part)
    {
        var count = checked((int)input.CountOf(part));
        using var pairs = input.Take(part);
        table.Build(pairs, count);
        if (!input.IsSplit)
        {
            input.Clear();
        }
    }
}

/// <summary>Rows of a join that leaves out what only one side has.</summary>
internal readonly struct InnerRightBuilt<V, W> : IJoinRow<W, V, (V Left, W Right)>
{
    public (V Left, W Right) Both(W built, V streamed) => (streamed, built);

    public (V Left, W Right) OnlyBuilt(W built) => throw new InvalidOperationException("An inner join has no such row.");

    public (V Left, W Right) OnlyStreamed(V streamed) => throw new InvalidOperationException("An inner join has no such row.");
}

/// <inheritdoc cref="InnerRightBuilt{V, W}"/>
internal readonly struct InnerLeftBuilt<V, W> : IJoinRow<V, W, (V Left, W Right)>
{
    public (V Left, W Right) Both(V built, W streamed) => (built, streamed);

    public (V Left, W Right) OnlyBuilt(V built) => throw new InvalidOperationException("An inner join has no such row.");

    public (V Left, W Right) OnlyStreamed(W streamed) => throw new InvalidOperationException("An inner join has no such row.");
}

/// <summary>Rows of any join: a side is the value itself, or an optional one where it may be missing.</summary>
internal static class JoinSide<T, TSide>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TSide Of(T value)
    {
        if (typeof(TSide) == typeof(T))
        {
            return Unsafe.As<T, TSide>(ref value);
        }

        var optional = Optional<T>.Some(value);
        return Unsafe.As<Optional<T>, TSide>(ref optional);
    }
}

/// <inheritdoc cref="JoinSide{T, TSide}"/>
internal readonly struct RightBuilt<V, W, L, R> : IJoinRow<W, V, (L Left, R Right)>
{
    public (L Left, R Right) Both(W built, V streamed) => (JoinSide<V, L>.Of(streamed), JoinSide<W, R>.Of(built));

    public (L Left, R Right) OnlyBuilt(W built) => (default!, JoinSide<W, R>.Of(built));

    public (L Left, R Right) OnlyStreamed(V streamed) => (JoinSide<V, L>.Of(streamed), default!);
}

/// <inheritdoc cref="JoinSide{T, TSide}"/>
internal readonly struct LeftBuilt<V, W, L, R> : IJoinRow<V, W, (L Left, R Right)>
{
    public (L Left, R Right) Both(V built, W streamed) => (JoinSide<V, L>.Of(built), JoinSide<W, R>.Of(streamed));

    public (L Left, R Right) OnlyBuilt(V built) => (JoinSide<V, L>.Of(built), default!);

    public (L Left, R Right) OnlyStreamed(W streamed) => (default!, JoinSide<W, R>.Of(streamed));
}
