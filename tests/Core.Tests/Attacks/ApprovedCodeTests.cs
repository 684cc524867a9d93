using System.Buffers;
using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Tests.Closures;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Attacks;

/// <summary>
/// A worker with approved code only, and plans as nobody's compiler makes them: each names code in another way. What an approved program
/// does itself goes on.
/// </summary>
public sealed class ApprovedCodeTests : IDisposable
{
    private const string Tools = "public static class Tool { public static int Twice(int x) => x * 2; }";

    private const string App = """
        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;

        public static class App
        {
            public static Func<int, int> Lambda(int k) => x => Tool.Twice(x) + k;
            public static Func<string, int> Group() => int.Parse;
            public static Func<object, string> Overridable(object o) => x => x + o.ToString();
            public static Func<string> Bound(object o) => o.ToString;
            public static Func<string, string, int> OfInterface(IComparer<string> c) => c.Compare;
            public static Func<IEnumerable<T>, List<T>> Open<T>() => Enumerable.ToList<T>;
            public static Func<IEnumerable<int>, int[]> Closed() => Enumerable.ToArray<int>;
            public static int Wipe(string folder) => folder.Length;
            public static T Make<T>() where T : new() => new T();
            public static Func<T> Maker<T>() where T : new() => Make<T>;
            public static int Reads(Stream s) => s.ReadByte();
        }
        """;

    private readonly Workshop _shop = new();
    private readonly Assembly _tools;
    private readonly Assembly _app;
    private readonly CodeSpace _space;

    public ApprovedCodeTests()
    {
        _tools = _shop.Add("Tools", Tools);
        _app = _shop.Add("App", App);
        _space = ApprovedAssembliesTests.Approving(_tools, _app);
        _space.LoadAll(AssemblyShipping.ClosureOf([IdOf(_app)]));
    }

    public void Dispose()
    {
        _space.Dispose();
        _shop.Unload();
    }

    private CodeSpace Plan => _space.Of([IdOf(_tools), IdOf(_app)]);

    [Fact]
    public void What_the_compiler_made_of_an_approved_program_runs()
    {
        Assert.Equal(23, Travel(Make<Func<int, int>>("Lambda", 3))(10));
        Assert.Equal(7, Travel(Make<Func<string, int>>("Group"))("7"));
        Assert.Equal("a5", Travel(Make<Func<object, string>>("Overridable", 5))("a"));
        Assert.Equal("5", Travel(Make<Func<string>>("Bound", 5))());
        Assert.True(Travel(Make<Func<string, string, int>>("OfInterface", StringComparer.Ordinal))("a", "b") < 0);
        Assert.Equal([1, 2], Travel(Make<Func<IEnumerable<int>, int[]>>("Closed"))([1, 2]));
        var open = (Func<IEnumerable<string>, List<string>>)_app.GetType("App")!.GetMethod("Open")!.MakeGenericMethod(typeof(string)).Invoke(null, null)!;
        Assert.Equal(["a"], Travel(open)(["a"]));
    }

    public static TheoryData<string> Functions => [.. s_functions.Keys];

    private static readonly Dictionary<string, MethodInfo> s_functions = new()
    {
        ["starts a program"] = typeof(Process).GetMethod(nameof(Process.Start), [typeof(string)])!,
        ["deletes"] = typeof(File).GetMethod(nameof(File.Delete))!,
        ["loads"] = typeof(Assembly).GetMethod(nameof(Assembly.LoadFrom), [typeof(string)])!,
        ["makes any type"] = typeof(Activator).GetMethod(nameof(Activator.CreateInstance), [typeof(Type)])!,
        ["makes a type of a type parameter"] = typeof(Activator).GetMethod(nameof(Activator.CreateInstance), 1, [])!.MakeGenericMethod(typeof(Process)),
        ["finds a type by name"] = typeof(Type).GetMethod(nameof(Type.GetType), [typeof(string)])!,
        ["sets the environment"] = typeof(Environment).GetMethod(nameof(Environment.SetEnvironmentVariable), [typeof(string), typeof(string)])!,
        ["another overload of what is approved"] = typeof(int).GetMethod(nameof(int.Parse), [typeof(string), typeof(IFormatProvider)])!,
        ["another instance of what is approved"] = typeof(Enumerable).GetMethod(nameof(Enumerable.ToArray))!.MakeGenericMethod(typeof(string)),
        ["a type that the program does not mention"] = typeof(Enumerable).GetMethod(nameof(Enumerable.ToList))!.MakeGenericMethod(typeof(Process)),
        ["a part of the engine"] = typeof(CodeSpace).GetMethod(nameof(CodeSpace.Create))!,
        ["the engine's list itself"] = typeof(ApprovedCode).GetMethod(nameof(ApprovedCode.Refused))!,
        ["what nobody may"] = typeof(Environment).GetMethod(nameof(Environment.Exit))!,
        ["the runtime's door"] = typeof(System.Runtime.InteropServices.NativeLibrary).GetMethod(nameof(System.Runtime.InteropServices.NativeLibrary.Load), [typeof(string)])!,
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_that_the_approved_code_makes_no_delegate_of_is_refused(string name) => AssertRefused(s_functions[name]);

    [Fact]
    public void A_method_of_an_approved_assembly_that_is_never_passed_on_is_refused()
    {
        // It may do with a plan's argument what its author never meant.
        AssertRefused(_app.GetType("App")!.GetMethod("Wipe")!);
        AssertRefused(_app.GetType("App")!.GetMethod("Reads")!);
        AssertRefused(_tools.GetType("Tool")!.GetMethod("Twice")!);
    }

    [Fact]
    public void Where_the_program_leaves_a_type_open_it_is_one_that_the_program_or_data_has()
    {
        var make = _app.GetType("App")!.GetMethod("Make")!;
        _ = Read(Written(make.MakeGenericMethod(typeof(int))));
        AssertRefused(make.MakeGenericMethod(typeof(Process)));
        AssertRefused(make.MakeGenericMethod(typeof(List<Process>)));
    }

    [Fact]
    public void A_plan_that_does_not_list_an_assembly_has_no_use_of_what_that_one_names()
    {
        var other = _space.Of([IdOf(_tools)]);
        Assert.Throws<UnauthorizedAccessException>(() => Read(Written(typeof(int).GetMethod(nameof(int.Parse), [typeof(string)])!), other));
    }

    [Fact]
    public void Without_the_setting_plans_name_what_they_like()
    {
        using var open = CodeSpace.Create(useProcess: false);
        open.LoadAll(AssemblyShipping.ClosureOf([IdOf(_app)]));
        foreach (var method in s_functions.Values.Where(static one => !Origins.IsMicroSpark(one.DeclaringType!.Assembly)))
        {
            _ = Read(Written(method), open.Of([IdOf(_app)]));
        }
    }

    [Fact]
    public void Static_fields_of_the_framework_do_not_travel_into_copies_of_its_code()
    {
        foreach (var space in new[] { Plan, CodeSpace.Process })
        {
            Assert.Throws<InvalidDataException>(() => Read(Statics(typeof(int).GetMethod(nameof(int.Parse), [typeof(string)])!, typeof(OwnStatics)), space));
            Assert.ThrowsAny<Exception>(() => Read(Statics(s_local, typeof(Path)), space));
        }
    }

    private static readonly MethodInfo s_local = typeof(ApprovedCodeTests).GetMethod(nameof(Local), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static int Local(int x) => x;

    private static class OwnStatics
    {
        public static readonly int Field = Environment.TickCount;
    }

    [Fact]
    public async Task A_plan_whose_operator_runs_a_program_is_refused()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: true, approved: ApprovedOfThisProcess());
        var numbers = Source.Range(runner, 0, 3, 1, 2);
        Assert.Equal((long[])[1, 2, 3], await numbers.Map(static x => x + 1).CollectAsync());
        var error = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => numbers.Map(static x => $"{x}").Pipe("cat").CollectAsync());
        Assert.Contains("Pipe", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_names_such_a_type_is_damage_as_ever()
    {
        var bytes = Written((ref ValueWriter writer) => writer.WriteCodeType(typeof(Process)));
        Assert.Throws<InvalidDataException>(() => TypeIn(bytes, Plan, null));
        Assert.Throws<UnauthorizedAccessException>(() => TypeIn(bytes, Plan, ClosureFunctions.Instance));
        Assert.Equal(typeof(Process), TypeIn(bytes, CodeSpace.Process, ClosureFunctions.Instance));

        static Type TypeIn(ReadOnlyMemory<byte> bytes, CodeSpace space, PlanFunctions? functions)
        {
            var reader = new ValueReader(bytes.Span, space, functions);
            try
            {
                return reader.IsPlan ? reader.ReadCodeType() : reader.ReadType();
            }
            finally
            {
                reader.Dispose();
            }
        }
    }

    /// <summary>The override of a method that the program passes on may be any type's; that says nothing of where else the type may stand.</summary>
    [Fact]
    public void A_type_that_was_named_as_a_methods_owner_is_judged_where_it_is_named_again()
    {
        var overridden = typeof(Process).GetMethod(nameof(Process.ToString), [])!;
        Assert.Equal(overridden, Read(Written(overridden)));
        var bytes = Written((ref ValueWriter writer) =>
        {
            MethodReference.Write(ref writer, overridden);
            writer.WriteCodeType(typeof(Process));
        });
        Assert.Equal(typeof(Process), TypeAfterMethod(bytes, CodeSpace.Process));
        Assert.Throws<UnauthorizedAccessException>(() => TypeAfterMethod(bytes, Plan));

        static Type TypeAfterMethod(ReadOnlyMemory<byte> bytes, CodeSpace space)
        {
            var reader = new ValueReader(bytes.Span, space, ClosureFunctions.Instance);
            try
            {
                _ = MethodReference.Read(ref reader);
                return reader.ReadCodeType();
            }
            finally
            {
                reader.Dispose();
            }
        }
    }

    [Fact]
    public void Rows_are_no_objects_that_act()
    {
        foreach (var type in new[] { typeof(StreamWriter), typeof(FileInfo), typeof(FileSystemWatcher), typeof(Process) })
        {
            var error = Assert.Throws<ArgumentException>(() => MicroSpark.Formats.Records.RecordShape.Of(type, "CsvFile"));
            Assert.Contains("makes no rows", error.Message, StringComparison.Ordinal);
        }

        _ = MicroSpark.Formats.Records.RecordShape.Of(typeof(KeyValuePair<string, int>), "CsvFile");
    }

    internal static ApprovedCode ApprovedOfThisProcess() => new(
        AssemblyShipping.ClosureOf([CodeSpace.Process.IdOf(typeof(ApprovedCodeTests).Assembly)!.Value])
            .Select(static one => Convert.ToHexString(SHA256.HashData(one.Image))));

    private static AssemblyId IdOf(Assembly assembly) => CodeSpace.Process.IdOf(assembly)!.Value;

    private T Make<T>(string name, params object[] arguments) => (T)_app.GetType("App")!.GetMethod(name)!.Invoke(null, arguments)!;

    private T Travel<T>(T function)
        where T : Delegate => TestSpace.In(Plan, Closure<T>.Capture(function, "Map", "f")).CreateInstance();

    private void AssertRefused(MethodInfo method)
    {
        var error = Assert.Throws<UnauthorizedAccessException>(() => Read(Written(method)));
        Assert.Contains("ApprovedAssemblies", error.Message, StringComparison.Ordinal);
    }

    private static ReadOnlyMemory<byte> Written(MethodInfo method) => Written((ref ValueWriter writer) => MethodReference.Write(ref writer, method));

    private static ReadOnlyMemory<byte> Statics(MethodInfo method, Type type) => Written((ref ValueWriter writer) =>
    {
        MethodReference.Write(ref writer, method);
        writer.WriteByte(DelegateCapture.Statics);
        writer.WriteVarint(1);
        writer.WriteCodeType(type);
        writer.WriteVarint(0);
    });

    private delegate void Write(ref ValueWriter writer);

    private static ReadOnlyMemory<byte> Written(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        try
        {
            write(ref writer);
            writer.Flush();
            return output.WrittenMemory;
        }
        finally
        {
            writer.Dispose();
        }
    }

    private MethodInfo Read(ReadOnlyMemory<byte> bytes) => Read(bytes, Plan);

    private static MethodInfo Read(ReadOnlyMemory<byte> bytes, CodeSpace space)
    {
        var reader = new ValueReader(bytes.Span, space, ClosureFunctions.Instance);
        try
        {
            var method = MethodReference.Read(ref reader);
            if (reader.Remaining > 0)
            {
                _ = reader.ReadByte();
                _ = StaticValues.ReadFields(ref reader, method);
            }

            return method;
        }
        finally
        {
            reader.Dispose();
        }
    }
}
