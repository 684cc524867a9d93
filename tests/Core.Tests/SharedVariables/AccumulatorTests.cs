using MicroSpark.SharedVariables;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;
using MicroSpark.Tests.Operators;

namespace MicroSpark.Tests.SharedVariables;

/// <summary>What tasks add arrives once, whatever the shape; what a task may not do with an accumulator is refused.</summary>
public sealed class AccumulatorTests
{
    /// <summary>The longest words, with state that a constructor sets and an accumulator inside.</summary>
    private sealed class Longest(int most) : Accumulator<string, IReadOnlyList<string>>
    {
        private readonly SortedSet<(int Length, string Text)> _words = [];
        private LongAccumulator _seen = new();

        public override IReadOnlyList<string> Value => _words.Select(w => w.Text).ToArray();

        public long Seen => _seen.Value;

        public override bool IsZero => _words.Count == 0;

        public override void Add(string item)
        {
            _seen += 1;
            _words.Add((-item.Length, item));
            while (_words.Count > most)
            {
                _words.Remove(_words.Max);
            }
        }

        public override void Merge(Accumulator<string, IReadOnlyList<string>> other)
        {
            var longest = (Longest)other;
            _words.UnionWith(longest._words);
            _seen.Merge(longest._seen);
            while (_words.Count > most)
            {
                _words.Remove(_words.Max);
            }
        }

        public override Accumulator<string, IReadOnlyList<string>> Copy()
        {
            var copy = new Longest(most) { _seen = _seen.Copy() };
            copy._words.UnionWith(_words);
            return copy;
        }

        public override void Reset()
        {
            _words.Clear();
            _seen.Reset();
        }
    }

    /// <summary>Forgets to forget.</summary>
    private sealed class Sticky : Accumulator<int, int>
    {
        private int _sum;

        public override int Value => _sum;

        public override bool IsZero => _sum == 0;

        public override void Add(int item) => _sum += item;

        public override void Merge(Accumulator<int, int> other) => _sum += other.Value;

        public override Accumulator<int, int> Copy() => new Sticky { _sum = _sum };

        public override void Reset()
        {
        }
    }

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task All_kinds_count_what_tasks_add(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var count = SharedVariable.Register(bench.Runner, new LongAccumulator(), "count");
            var sum = SharedVariable.Register(bench.Runner, new DoubleAccumulator(), null);
            var odd = SharedVariable.Register(bench.Runner, new CollectionAccumulator<(int Number, string? Text)>(), null);
            var longest = SharedVariable.Register(bench.Runner, new Longest(2), null);
            var nothing = SharedVariable.Register(bench.Runner, new LongAccumulator(), null);
            await bench.Of(Enumerable.Range(1, 20)).ForeachAsync(n =>
            {
                count += n;
                sum += n / 2.0;
                longest.Add(new string('x', n));
                if (n % 2 == 1)
                {
                    odd.Add((n, n == 7 ? null : $"{n}"));
                }

                if (n > 100)
                {
                    nothing.Add(1);
                }
            });
            Assert.Equal((210, 210, 20, 10.5, false, "count"), (count.Value, count.Sum, count.Count, count.Average, count.IsZero, count.Name));
            Assert.Equal((105.0, 20, 5.25), (sum.Value, sum.Count, sum.Average));
            Assert.Equal(Enumerable.Range(0, 10).Select(n => ((2 * n) + 1, n == 3 ? null : $"{(2 * n) + 1}")), odd.Value);
            Assert.Equal([new string('x', 20), new string('x', 19)], longest.Value);
            Assert.Equal(20, longest.Seen);
            Assert.True(nothing.IsZero);
            Assert.Equal(double.NaN, nothing.Average);
        });

    [Theory]
    [MemberData(nameof(OperatorGrid.Shapes), MemberType = typeof(OperatorGrid))]
    public Task Lambdas_of_one_task_share_a_copy_and_a_shuffle_counts_its_map_side(int workers, bool fused, bool simulated) =>
        OperatorGrid.RunAsync(workers, fused, simulated, async bench =>
        {
            var count = SharedVariable.Register(bench.Runner, new LongAccumulator(), null);
            var seen = new List<LongAccumulator> { count };
            var sums = bench.Of(Enumerable.Range(0, 30)).Filter(n =>
            {
                count += 1;
                return n % 3 == 0;
            }).Map(n =>
            {
                seen[0].Add(100);
                return (n % 2, n);
            }).ReduceByKey((a, b) => a + b, 2);
            Assert.True(count.IsZero);
            await sums.CountAsync();
            Assert.Equal(30 + (10 * 100), count.Value);
            await sums.CountAsync();
            Assert.Equal(30 + (10 * 100), count.Value);

            var again = bench.Of(Enumerable.Range(0, 30)).Map(n =>
            {
                count.Add(1);
                return n;
            });
            count.Reset();
            await again.CountAsync();
            await again.CountAsync();
            Assert.Equal(60, count.Value);
        });

    [Fact]
    public async Task The_program_may_add_and_reset_too()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: true);
        var count = SharedVariable.Register(runner, new LongAccumulator(), null);
        count.Add(5);
        var rdd = Source.Parallelize(runner, Enumerable.Range(0, 10), 2);
        await rdd.ForeachAsync(_ => count.Add(1));
        Assert.Equal(15, count.Value);
        count.Reset();
        Assert.True(count.IsZero);
        await rdd.ForeachAsync(_ => count += 0);
        Assert.Equal((0L, 10L, false), (count.Value, count.Count, count.IsZero));
    }

    [Fact]
    public async Task What_was_never_registered_is_refused_with_its_path()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var mine = new LongAccumulator();
        var rdd = Source.Parallelize(runner, [1], 1);
        var error = Assert.Throws<ClosureNotShippableException>(() => rdd.Map(n =>
        {
            mine.Add(n);
            return n;
        }));
        Assert.Equal("mine", error.FieldPath);
        Assert.Contains("Register", error.Message, StringComparison.Ordinal);
        SharedVariable.Register(runner, mine, "mine");
        Assert.Contains("'mine'", Assert.Throws<InvalidOperationException>(() => SharedVariable.Register(runner, mine, null)).Message, StringComparison.Ordinal);
        await rdd.ForeachAsync(n => mine.Add(n));
        Assert.Equal(1, mine.Value);
    }

    [Fact]
    public async Task A_task_adds_and_does_not_read()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var count = SharedVariable.Register(runner, new LongAccumulator(), "rows");
        var items = SharedVariable.Register(runner, new CollectionAccumulator<int>(), null);
        var rdd = Source.Parallelize(runner, [1], 1);
        foreach (var read in new Func<Task>[]
        {
            () => rdd.Map(_ => count.Value).CollectAsync(), () => rdd.Map(_ => count.Count).CollectAsync(), () => rdd.Map(_ => count.Average).CollectAsync(),
            () => rdd.Map(_ => items.Value.Count).CollectAsync(),
        })
        {
            var error = await Assert.ThrowsAsync<TaskFailedException>(read);
            Assert.Equal(typeof(InvalidOperationException).FullName, error.Failure.TypeName);
            Assert.Contains("not read", error.Message, StringComparison.Ordinal);
        }

        Assert.True(count.IsZero);
    }

    [Fact]
    public async Task A_failed_task_counts_nothing_and_the_others_count()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var count = SharedVariable.Register(runner, new LongAccumulator(), null);
        await Assert.ThrowsAsync<TaskFailedException>(() => Source.Parallelize(runner, Enumerable.Range(0, 40), 4).ForeachAsync(n =>
        {
            count.Add(1);
            if (n == 39)
            {
                throw new FormatException("the last one");
            }
        }));
        Assert.Equal(30, count.Value);
    }

    [Fact]
    public async Task One_task_may_not_gather_without_end()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var lines = SharedVariable.Register(runner, new CollectionAccumulator<string>(), "bad lines");
        var error = await Assert.ThrowsAsync<TaskFailedException>(
            () => Source.Range(runner, 0, 50_000, 1, 1).ForeachAsync(n => lines.Add(new string('x', 100))));
        Assert.Contains("'bad lines'", error.Message, StringComparison.Ordinal);
        Assert.Contains("at most", error.Message, StringComparison.Ordinal);
        var bytes = SharedVariable.Register(runner, new CollectionAccumulator<byte>(), null);
        await Assert.ThrowsAsync<TaskFailedException>(() => Source.Range(runner, 0, long.MaxValue, 1, 1).ForeachAsync(n => bytes.Add((byte)n)));
        Assert.Empty(lines.Value);
    }

    [Fact]
    public void A_copy_that_is_not_empty_after_reset_is_refused()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var sticky = SharedVariable.Register(runner, new Sticky(), null);
        var rdd = Source.Parallelize(runner, [1], 1);
        Action<int> add = n => sticky.Add(n);
        _ = rdd.Filter(n =>
        {
            add(n);
            return true;
        });
        sticky.Add(3);
        var error = Assert.Throws<ClosureNotShippableException>(() => rdd.Filter(n =>
        {
            add(n);
            return true;
        }));
        Assert.Contains("IsZero", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merging_takes_its_like()
    {
        var (left, right) = (new LongAccumulator(), new LongAccumulator());
        left.Add(2);
        right.Add(40);
        left.Merge(right);
        Assert.Equal((42L, 2L), (left.Value, left.Count));
        Assert.Equal(40, right.Copy().Value);
        Accumulator<long, long> other = new Other();
        Assert.Throws<ArgumentException>(() => left.Merge(other));
    }

    private sealed class Other : Accumulator<long, long>
    {
        public override long Value => 0;

        public override bool IsZero => true;

        public override void Add(long item)
        {
        }

        public override void Merge(Accumulator<long, long> other)
        {
        }

        public override Accumulator<long, long> Copy() => new Other();

        public override void Reset()
        {
        }
    }
}
