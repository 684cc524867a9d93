using MicroSpark.Closures;
using static MicroSpark.Tests.Closures.Capturing;

namespace MicroSpark.Tests.Closures;

/// <summary>
/// The value that a static field has when a lambda is declared stands in for its reads, here and in a space whose own field has another
/// one. Serial: the fields are this process's.
/// </summary>
public sealed partial class StaticReplacedTests
{
    [Fact]
    public void The_value_at_declaration_is_read_in_every_space()
    {
        Program.Factor = 8;
        var closure = Capture<Func<int, int>>(static x => x * Program.Factor);
        Program.Factor = 9;
        AssertGives(closure, 3, 24);
        Assert.Equal(9, Program.Factor);
    }

    [Fact]
    public void What_the_environment_answered_is_read()
    {
        var expected = Program.Started.ToString("O") + Program.Run + Program.Arguments.Length;
        AssertGives(
            Capture<Func<int, string>>(static x => Program.Started.ToString("O") + Program.Run + Program.Arguments.Length), 1, expected);
    }

    [Fact]
    public void What_the_program_filled_is_read()
    {
        Program.Fill();
        AssertGives(Capture<Func<int, string>>(static x => Program.Names[x] + Program.Words.Contains("a")), 1, "oneTrue");
    }

    [Fact]
    public void Through_calls_however_deep_with_what_the_lambda_captured()
    {
        Program.Factor = 5;
        Program.Property = 7;
        var offset = 100;
        var helper = new Helper { Offset = 1000 };
        AssertGives(Capture<Func<int, int>>(x => Program.Deep(x) + offset + helper.Add(Program.Property)), 2, 10 + 2 + 100 + 1007 + 5);
    }

    [Fact]
    public void Branches_loops_recursion_and_locals_go_along()
    {
        Program.Factor = 3;
        AssertGives(Capture<Func<int, string>>(static x => Program.Steps(x)), 4, "0:3 1:0 2:6 3:x |12");
    }

    [Fact]
    public void Structs_nullables_enums_and_generics()
    {
        Program.Point = new Point(3, 4);
        Program.Maybe = 5;
        Program.Day = DayOfWeek.Friday;
        Kept<string>.Last = "a";
        Kept<int>.Last = 7;
        AssertGives(
            Capture<Func<int, string>>(static x =>
                $"{Program.Point.X + Program.Point.Sum()} {Program.Maybe.GetValueOrDefault()} {Program.Day} {Kept<string>.Get()}{Kept<int>.Get()}"),
            1, "10 5 Friday a7");
        Program.Maybe = null;
        AssertGives(Capture<Func<int, bool>>(static x => Program.Maybe.HasValue), 1, false);
    }

    [Fact]
    public void An_object_that_tasks_could_change_is_each_tasks_own()
    {
        Program.Fill();
        var closure = Capture<Func<int, Dictionary<int, string>>>(static _ => Program.Names);
        var first = closure.CreateInstance()(0);
        first[1] = "changed";
        Assert.Equal("one", closure.CreateInstance()(0)[1]);
        Assert.Equal("one", Program.Names[1]);
    }

    [Fact]
    public void A_function_that_calls_itself_by_its_field()
    {
        Program.Fibonacci = n => n < 2 ? n : Program.Fibonacci!(n - 1) + Program.Fibonacci(n - 2);
        AssertGives(Capture(Program.Fibonacci), 10, 55);
    }

    [Fact]
    public void A_function_that_a_lambda_captures_is_taken_with_its_values()
    {
        Program.Factor = 4;
        Func<int, int> inner = static x => x * Program.Factor;
        var closure = Capture<Func<int, int>>(x => inner(x) + 1);
        Program.Factor = 0;
        AssertGives(closure, 3, 13);
    }

    [Fact]
    public void Methods_of_objects_and_extension_methods_as_functions()
    {
        Program.Factor = 6;
        var helper = new Helper { Offset = 10 };
        AssertGives(Capture<Func<int, int>>(helper.Add), 2, 18);
        AssertGives(Capture<Func<int, int>>(new Box(3).Times), 2, 36);
        AssertGives(Capture<Func<int, string>>("a".Tagged), 2, "a2.6");
    }

    [Fact]
    public void Another_value_is_another_lambda()
    {
        Program.Factor = 1;
        var one = Capture<Func<int, int>>(Times);
        var same = Capture<Func<int, int>>(Times);
        Program.Factor = 2;
        var other = Capture<Func<int, int>>(Times);
        Assert.Equal(one.Encoded.ToArray(), same.Encoded.ToArray());
        Assert.NotEqual(one.Encoded.ToArray(), other.Encoded.ToArray());

        static int Times(int x) => x * Program.Factor;
    }

    [Fact]
    public void What_cannot_travel_is_refused_by_the_fields_path()
    {
        Program.Gate = new Holder { Wait = new System.Threading.Timer(static _ => { }) };
        var error = Assert.Throws<ClosureNotShippableException>(() => Capture<Func<int, int>>(static x => x + (Program.Gate is null ? 0 : 1)));
        Assert.Equal("Program.Gate", error.FieldPath);
        Assert.Contains("it cannot be sent to workers (it is a Timer", error.Message, StringComparison.Ordinal);
        Program.Gate.Wait!.Dispose();
    }

    public static TheoryData<string, Func<int, int>> Refused => new()
    {
        { "the lambda changes it", x => Program.Factor = x },
        { "the lambda changes it", x => Program.Factor++ + x },
        { "takes its address", x => Interlocked.Increment(ref Program.Factor) + x },
        { "is not simply called", x => Enumerable.Range(0, x).Sum(i => i + Program.Factor) },
        { "is not simply called", x => Program.Iterate(x).Sum() },
        { "is not simply called", x => new Made(x).Value },
        { "is not simply called", x => ((Base)new Derived()).Virtual(x) },
        { "nobody can tell", x => $"{new Text(x)}{Shown.Factor}".Length },
        { "nobody can tell", x => Program.Answer.Of(x) + Shown.Factor },
        { "is made of it by each worker", x => Twice.Value + Shown2.Factor + x },
        { "is made of it by each worker", x => Kept.Function(x) + Shown2.Factor },
        { "synchronized", x => Shown2.Locked(x) },
        { "'foreach'", x => Program.Disposes(x) },
        { "the lambda changes it", x => Program.Memo(x) },
        { "takes its address", x => Program.Reference() + x },
        { "takes its address", x => Program.ByReference(in Program.Factor) + x },
    };

    [Theory, MemberData(nameof(Refused))]
    public void Where_it_cannot_be_the_reason_is_said(string why, Func<int, int> lambda)
    {
        Program.Cache[1] = 1;
        var error = Assert.Throws<ClosureNotShippableException>(() => Capture(lambda));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Contains("to a local variable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_answer_fused_and_interpreted_on_one_and_three_workers()
    {
        foreach (var workers in new[] { 1, 3 })
        {
            foreach (var fused in new[] { true, false })
            {
                foreach (var simulated in new[] { true, false })
                {
                    Program.Factor = 8;
                    Program.Fill();
                    await Operators.OperatorGrid.RunAsync(workers, fused, simulated, static async bench =>
                    {
                        var rdd = bench.Of(Enumerable.Range(0, 20)).Filter(static x => x < Program.Factor)
                            .Map(static x => (Key: x % 2, Text: Program.Names.GetValueOrDefault(x, "none") + Program.Deep(x)));
                        var expected = Enumerable.Range(0, 8)
                            .Select(static x => (Key: x % 2, Text: Program.Names.GetValueOrDefault(x, "none") + Program.Deep(x))).ToArray();
                        Assert.Equal(expected, await rdd.CollectAsync());
                        var lengths = await rdd.MapValues(static text => text.Length * Program.Factor)
                            .ReduceByKey(static (a, b) => Math.Max(a, b) + (0 * Program.Factor)).CollectAsync();
                        Assert.Equal(
                            expected.GroupBy(static x => x.Key, static x => x.Text.Length * Program.Factor)
                                .Select(static group => (group.Key, group.Max())).Order(),
                            lengths.Order());
                    });
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_throws_is_named(bool fused)
    {
        Program.Factor = 3;
        using var runner = new Engine.LocalRunner(1, fused, simulated: true, starved: false);
        var rdd = new Operators.Bench(runner, 1).Of(["1", "a"]).Map(static x => x + "").Map(static x => int.Parse(x) + Program.Factor);
        var error = await Assert.ThrowsAsync<Engine.TaskFailedException>(() => rdd.SumAsync());
        Assert.Equal("Map", error.Failure.Operator);
        Assert.Contains("What_throws_is_named", error.Failure.Function, StringComparison.Ordinal);
        Assert.StartsWith("<>c.", error.Failure.Function, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_of_a_field_that_nobody_has_written_yet_is_taken_too()
    {
        Rounds.Round = 0;
        var first = Capture<Func<int, int>>(static x => Rounds.Deep(x));
        Rounds.Round = 5;
        AssertGives(first, 1, 1);
        AssertGives(Capture<Func<int, int>>(static x => Rounds.Deep(x)), 1, 6);

        // An object that is set later is left alone, as one that is filled later.
        Rounds.Signal = null;
        var waits = Capture<Func<int, bool>>(static x => Rounds.IsSignalled(x));
        Rounds.Signal = new ManualResetEventSlim(true);
        Assert.True(waits.CreateInstance()(1));
    }

    [Fact]
    public void Each_construction_of_a_generic_type_has_its_own()
    {
        Lists<string>.All.Add(1);
        Lists<int>.All.Add(1);
        Lists<int>.All.Add(2);
        AssertGives(Capture<Func<int, int>>(static x => (10 * Lists<string>.All.Count) + Lists<int>.All.Count), 1, 12);
    }

    [Fact]
    public void An_initializer_that_a_call_would_run_has_run()
    {
        Precise.Factor = 2;
        AssertGives(Capture<Func<int, int>>(static x => Precise.Get(x)), 1, 2 + 40);
    }

    [Fact]
    public void A_call_on_null_throws_as_before()
    {
        Program.Factor = 1;
        Helper? none = null;
        var closure = Capture<Func<int, int>>(x => none!.Add(x));
        Assert.Throws<NullReferenceException>(() => closure.CreateInstance()(1));
    }

    [Fact]
    public void The_refusal_names_the_field_that_is_the_reason()
    {
        Program.Factor = 1;
        Program.Property = 2;
        var error = Assert.Throws<ClosureNotShippableException>(
            () => Capture<Func<int, int>>(static x => Program.Factor + Enumerable.Range(0, x).Sum(static i => i + Program.Property)));
        Assert.Equal("Program.Property", error.FieldPath);
    }

    [Fact]
    public void A_comparer_that_is_encoded_again_for_each_job_is_refused()
    {
        Program.Factor = 1;
        using var runner = new Engine.LocalRunner(1, fused: true, simulated: true, starved: false);
        var comparer = Comparer<int>.Create(static (a, b) => a.CompareTo(b) * Program.Factor);
        var error = Assert.ThrowsAny<Exception>(() =>
            new Operators.Bench(runner, 2).Of([1, 2]).SortBy(static x => x, comparer: comparer).CollectAsync().GetAwaiter().GetResult());
        Assert.Contains("encoded again", error.ToString(), StringComparison.Ordinal);
    }

    private static void AssertGives<TIn, TOut>(Closure<Func<TIn, TOut>> closure, TIn input, TOut expected)
    {
        Assert.Equal(expected, closure.CreateInstance()(input));
        using var space = TestSpace.Isolated();
        Assert.Equal(expected, TestSpace.In(space, closure).CreateInstance()(input));
    }
}
