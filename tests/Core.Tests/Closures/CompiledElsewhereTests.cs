using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using MicroSpark.Closures;
using MicroSpark.Code;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Closures;

/// <summary>Lambdas as other builds make them: Debug and Release, top-level programs, lines of a prompt; and how they unload.</summary>
public class CompiledElsewhereTests
{
    private const string Shapes = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using System.Threading.Tasks;

        public record Order(string Item, int Count) { public int Total(int price) => Count * price; }

        public abstract class Root { protected int offset = 100; public virtual int Shift(int x) => x + offset; public static bool Finalized; ~Root() => Finalized = true; }

        public class Shapes : Root, IDisposable
        {
            private readonly StreamWriter logger = StreamWriter.Null;
            private readonly Order order = new("pen", 3);
            private int factor = 2;

            public void Dispose() { }

            public override int Shift(int x) => logger.GetHashCode();

            public IEnumerable<Func<int, int>> All()
            {
                int local = 7;
                var anonymous = new { A = 1, B = "b" };
                (int First, string Second) tuple = (5, "t");
                int? maybe = null;
                DayOfWeek day = DayOfWeek.Friday;
                int[,] matrix = { { 1, 2 }, { 3, 4 } };
                yield return x => x * factor + local;                                                  // 1 -> 9
                yield return x => order.Total(x) + anonymous.A + anonymous.B.Length;                   // 1 -> 5
                yield return x => base.Shift(x);                                                       // 1 -> 101
                yield return x => tuple.First + tuple.Second.Length + (maybe ?? x) + (int)day;         // 1 -> 12
                yield return x => matrix[1, x] + (x switch { 1 when local > 5 => order.Count, _ => factor });  // 1 -> 7
                yield return x => { Span<int> s = stackalloc int[4]; s.Fill(local); return s[x] + s.Length; };   // 1 -> 11
                yield return x => { try { return int.Parse("q") + factor; } catch (FormatException) when (local == 7) { return factor; } finally { local++; } };  // 1 -> 2
                yield return x => { dynamic d = local; return (int)(d + x); };                         // 1 -> 8
                yield return x => (order with { Count = local }).Total(x);                             // 1 -> 7
                yield return x => Nested(x, 2)(3);                                                     // 1 -> 8
                yield return x => "abc" switch { "abc" => factor, "d" => 9, _ => 0 } + (x > 0 ? order : null)!.Count;   // 1 -> 5
                yield return x => AsyncSum(x).GetAwaiter().GetResult();                                // 1 -> 6
                yield return x => Enumerable.Range(0, 3).Select((v, i) => new { v, i }).Where(p => p.v < factor).Sum(p => p.i + x + Inner(p.v));  // 1 -> 4
                int Inner(int v) => v > 0 ? Inner(v - 1) + factor - 1 : 0;
            }

            private Func<int, int> Nested(int a, int b) => c => a + b + c + factor;

            private async Task<int> AsyncSum(int x)
            {
                await Task.Yield();
                foreach (int i in Count(order.Count)) { x += i; await Task.Yield(); }
                return x + factor;
            }

            private IEnumerable<int> Count(int n) { for (int i = 0; i < n; i++) { yield return i + factor - 2; } }
        }
        """;

    private static readonly int[] s_expected = [9, 5, 101, 12, 7, 11, 2, 8, 7, 8, 5, 6, 4];

    [Theory]
    [InlineData(OptimizationLevel.Debug)]
    [InlineData(OptimizationLevel.Release)]
    public void Every_shape_runs_as_compiled(OptimizationLevel optimization)
    {
        var assembly = new Workshop().Add("Shapes", Shapes, optimization);
        var type = assembly.GetType("Shapes")!;
        var shapes = Activator.CreateInstance(type)!;
        GC.SuppressFinalize(shapes);
        var functions = ((IEnumerable<Func<int, int>>)type.GetMethod("All")!.Invoke(shapes, null)!).ToArray();
        using var space = SpaceOf(assembly);

        var results = new List<int>();
        foreach (var function in functions)
        {
            var closure = Closure<Func<int, int>>.Capture(function, "Map", "f");
            results.Add(TestSpace.In(space, closure).CreateInstance()(1));
            Assert.Equal(results[^1], closure.CreateInstance()(1));
        }

        Assert.Equal(s_expected, results);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var copy = space.Get(CodeSpace.Process.IdOf(assembly)!.Value).GetType("Root")!;
        Assert.Equal(false, copy.GetField("Finalized")!.GetValue(null));
    }

    [Fact]
    public void A_top_level_program()
    {
        const string Source = """
            int k = args.Length + 1;
            string name = "n";
            Keeper.Function = x => x + k + name.Length + Local(x);
            int Local(int x) => x * k;
            public static class Keeper { public static System.Func<int, int> Function; }
            """;
        var assembly = new Workshop().Add("Program", Source, kind: OutputKind.ConsoleApplication);
        assembly.EntryPoint!.Invoke(null, [new[] { "a" }]);
        var closure = Closure<Func<int, int>>.Capture((Func<int, int>)assembly.GetType("Keeper")!.GetField("Function")!.GetValue(null)!, "Map", "f");
        using var space = SpaceOf(assembly);

        Assert.Equal(10 + 2 + 1 + 20, TestSpace.In(space, closure).CreateInstance()(10));
        Assert.Equal("Program.Main lambda (Program.cs:3)", closure.DisplayName);
    }

    [Fact]
    public async Task Lines_of_a_prompt()
    {
        var shop = new Workshop();
        (var one, var first) = shop.AddLine("line1", "record Person(string Name); int k = 5; var timer = new System.IO.StringReader(\"t\"); var all = new[] { new Person(\"Ada\") };", null);
        (var two, _) = shop.AddLine("line2", "int j = 2; System.Func<int, int> f = x => x + k + j + all[0].Name.Length; System.Func<int, int> g = x => x + timer.Peek();", first);
        var submissions = new object[3];
        await RunLineAsync(one, submissions);
        await RunLineAsync(two, submissions);
        var line2 = submissions[2];
        var closure = Closure<Func<int, int>>.Capture((Func<int, int>)line2.GetType().GetField("f")!.GetValue(line2)!, "Map", "f");
        using var space = SpaceOf(two);

        Assert.Equal(11, TestSpace.In(space, closure).CreateInstance()(1));
        var error = Assert.Throws<ClosureNotShippableException>(() =>
            Closure<Func<int, int>>.Capture((Func<int, int>)line2.GetType().GetField("g")!.GetValue(line2)!, "Map", "f"));
        Assert.Equal("timer", error.FieldPath);
    }

    [Fact]
    public void A_space_unloads_after_its_lambdas_have_run()
    {
        var context = RunAndDispose();

        for (var i = 0; context.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [Fact]
    public void The_clients_own_assembly_unloads_after_its_lambdas_were_captured()
    {
        var emitted = CaptureAndForget();

        for (var i = 0; emitted.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(emitted.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference RunAndDispose()
    {
        (var assembly, var closure) = CaptureOrder();
        using var space = SpaceOf(assembly);
        var function = TestSpace.In(space, closure).CreateInstance();
        Assert.Equal(8, function(1));
        return new WeakReference(AssemblyLoadContext.GetLoadContext(function.Method.Module.Assembly));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CaptureAndForget()
    {
        (var assembly, var closure) = CaptureOrder();
        Assert.Equal(8, closure.CreateInstance()(1));
        Assert.Contains("lambda", closure.DisplayName, StringComparison.Ordinal);
        AssemblyLoadContext.GetLoadContext(assembly)!.Unload();
        return new WeakReference(assembly);
    }

    private static (Assembly Assembly, Closure<Func<int, int>> Closure) CaptureOrder()
    {
        var assembly = new Workshop().Add("Orders", """
            using System.Collections.Generic;
            public record Line(string Item, int Count);
            public static class Orders
            {
                public static System.Func<int, int> Make()
                {
                    var lines = new Dictionary<string, Line> { ["a"] = new("a", 3) };
                    System.Func<Line, int> count = line => line.Count + lines.Count;
                    return x => count(lines["a"]) * 2 * x;
                }
            }
            """);
        var function = (Func<int, int>)assembly.GetType("Orders")!.GetMethod("Make")!.Invoke(null, null)!;
        return (assembly, Closure<Func<int, int>>.Capture(function, "Map", "f"));
    }

    private static Task RunLineAsync(Assembly line, object[] submissions)
    {
        var factory = line.GetTypes()
            .Select(type => type.GetMethod("<Factory>", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Single(method => method is not null);
        return (Task)factory!.Invoke(null, [submissions])!;
    }

    private static CodeSpace SpaceOf(Assembly root)
    {
        var space = CodeSpace.Create(useProcess: false);
        foreach (var assembly in AssemblyShipping.ClosureOf([CodeSpace.Process.IdOf(root)!.Value]))
        {
            space.Load(assembly);
        }

        return space;
    }
}
