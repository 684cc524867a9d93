using System.Buffers;
using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Codecs;
using MicroSpark.Driver.Jobs;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

/// <summary>An error report comes from whoever answers as a worker. It tells what failed, and does nothing.</summary>
public sealed class RemoteErrorsTests
{
    private const byte WrittenApart = 2;

    private delegate void Part(ref ValueWriter writer);

    [Fact]
    public void An_error_of_the_programs_own_type_comes_with_its_fields()
    {
        var rebuilt = Assert.IsType<OrderException>(RemoteErrors.Rebuild(Report(typeof(OrderException), ValueCodec.Encode<Exception>(
            new OrderException("bad", new TimeoutException("slow")) { Order = 7 }, CodeSpace.Process))));

        Assert.Equal(("bad", 7, "slow"), (rebuilt.Message, rebuilt.Order, rebuilt.InnerException!.Message));
    }

    [Fact]
    public void A_field_that_holds_a_function_is_not_made_and_nothing_runs()
    {
        var crafted = Crafted(static (ref ValueWriter writer) => writer.WriteValue<object>(
            new Dictionary<string, int>(EqualityComparer<string>.Create(static (_, _) => true, Act)) { ["a"] = 1 }));
        AppContext.SetData(nameof(RemoteErrorsTests), null); // The attacker's own dictionary asked its comparer too.

        var rebuilt = Assert.IsType<OrderException>(RemoteErrors.Rebuild(Report(typeof(OrderException), crafted)));

        Assert.Equal(("reported", null), (rebuilt.Message, rebuilt.Held));
        Assert.Null(AppContext.GetData(nameof(RemoteErrorsTests)));
    }

    [Fact]
    public void A_type_that_the_program_does_not_reference_is_told_by_name()
    {
        var stranger = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Stranger"), AssemblyBuilderAccess.Run).DefineDynamicModule("Stranger")
            .DefineType("StrangeException", TypeAttributes.Public, typeof(Exception)).CreateType();

        var rebuilt = Assert.IsType<RemoteException>(RemoteErrors.Rebuild(Report(stranger, encoded: null)));

        Assert.Equal(("StrangeException", "reported"), (rebuilt.TypeName, rebuilt.Message));
    }

    /// <summary>Reflection would ask the runtime for the assembly of a type argument, and load it.</summary>
    [Fact]
    public void A_name_loads_no_assembly()
    {
        using var asked = new AskedAssemblies();
        foreach (var name in (string[])[GenericName("Strange.Thing, StrangeAssembly"), "", "System.Void[]", "a, b", "x`1[[", GenericName("System.Void[]")])
        {
            var rebuilt = Assert.IsType<RemoteException>(RemoteErrors.Rebuild(Report(typeof(Exception), encoded: null) with { TypeName = name }));
            Assert.Equal("reported", rebuilt.Message);
        }

        Assert.False(asked.Has("StrangeAssembly"));

        static string GenericName(string argument) => $"{typeof(OfThing<>).FullName}[[{argument}]]";
    }

    [Fact]
    public void An_error_of_a_generic_type_comes_as_one()
    {
        var error = new OfThing<List<OrderException>>();
        var encoded = ValueCodec.Encode<Exception>(error, CodeSpace.Process); // That names the assembly as the program's.

        Assert.Equal(error.Message, Assert.IsType<OfThing<List<OrderException>>>(RemoteErrors.Rebuild(Report(error.GetType(), encoded))).Message);
        Assert.Equal("reported", Assert.IsType<OfThing<List<OrderException>>>(RemoteErrors.Rebuild(Report(error.GetType(), encoded: null))).Message);
    }

    /// <summary>Its message has those of its loader errors in it.</summary>
    [Fact]
    public void An_error_that_is_among_its_loader_errors_is_left_aside()
    {
        var cyclic = new ReflectionTypeLoadException([], new Exception?[1], "cyclic");
        cyclic.LoaderExceptions[0] = cyclic;

        var rebuilt = RemoteErrors.Rebuild(Report(cyclic.GetType(), ValueCodec.Encode<Exception>(cyclic, CodeSpace.Process)));

        Assert.Equal("reported", Assert.IsType<ReflectionTypeLoadException>(rebuilt).Message.Trim());
    }

    /// <summary>Made without their constructors they have no lists, and their messages tell of them.</summary>
    [Theory]
    [InlineData(typeof(AggregateException))]
    [InlineData(typeof(ReflectionTypeLoadException))]
    public void An_error_of_errors_that_came_by_name_can_be_printed(Type type)
    {
        var inner = new TaskFailure(typeof(TimeoutException).FullName!, "slow", null, null, null, null, CanRetry: false, null, Inner: null);

        Assert.Contains("reported", RemoteErrors.Rebuild(Report(type, encoded: null)).ToString(), StringComparison.Ordinal);
        Assert.Contains("slow", RemoteErrors.Rebuild(Report(type, encoded: null) with { Inner = inner }).ToString(), StringComparison.Ordinal);
    }

    /// <summary>A key's own hash runs with what the report chose.</summary>
    [Fact]
    public void Code_of_the_program_that_throws_hides_no_failure()
    {
        var crafted = Crafted(static (ref ValueWriter writer) => writer.WriteValue<object>(new HashSet<Touchy> { new(1) }));
        AppContext.SetData(nameof(Touchy), "");
        try
        {
            var rebuilt = Assert.IsType<OrderException>(RemoteErrors.Rebuild(Report(typeof(OrderException), crafted)));
            Assert.Equal(("reported", null), (rebuilt.Message, rebuilt.Held));
        }
        finally
        {
            AppContext.SetData(nameof(Touchy), null);
        }
    }

    [Fact]
    public void A_content_of_another_type_than_the_reports_is_left_aside()
    {
        var encoded = ValueCodec.Encode<Exception>(new OrderException("bad", null) { Order = 7 }, CodeSpace.Process);

        var rebuilt = Assert.IsType<TimeoutException>(RemoteErrors.Rebuild(Report(typeof(TimeoutException), encoded)));

        Assert.Equal("reported", rebuilt.Message);
    }

    /// <summary>Whoever prints it would follow it down for ever.</summary>
    [Fact]
    public void An_error_that_is_inside_itself_is_left_aside()
    {
        var encoded = Crafted(static (ref ValueWriter writer) => writer.WriteByte(Header.Null), static (ref ValueWriter writer) =>
        {
            writer.WriteByte(Header.Seen);
            writer.WriteVarint(0);
        });

        var rebuilt = RemoteErrors.Rebuild(Report(typeof(OrderException), encoded));

        Assert.Null(rebuilt.InnerException);
        Assert.Contains("reported", rebuilt.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_with_a_finalizer_is_told_by_name()
    {
        Assert.IsType<RemoteException>(RemoteErrors.Rebuild(Report(typeof(FinalizableException), encoded: null)));
    }

    private static TaskFailure Report(Type type, byte[]? encoded) =>
        new(type.FullName!, "reported", "   at Somewhere()", null, null, null, CanRetry: false, encoded, Inner: null);

    /// <summary>An <see cref="OrderException"/> with what is given in its field of type object, and inside it.</summary>
    private static byte[] Crafted(Part held, Part? inner = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        writer.WriteByte(Header.Other);
        writer.WriteCodeType(typeof(OrderException));
        foreach (var text in (string?[])["crafted", "stack", null, null])
        {
            writer.WriteString(text);
        }

        writer.WriteVarint(0);
        (inner ?? (static (ref ValueWriter writer) => writer.WriteByte(Header.Null)))(ref writer);
        Apart(ref writer, static (ref ValueWriter writer) => writer.WriteValue(7));
        Apart(ref writer, held);
        writer.Flush();
        writer.Dispose();
        return output.WrittenSpan.ToArray();
    }

    private static void Apart(ref ValueWriter writer, Part content)
    {
        var output = new ArrayBufferWriter<byte>();
        var apart = new ValueWriter(output, CodeSpace.Process, ClosureFunctions.Instance);
        content(ref apart);
        apart.Flush();
        apart.Dispose();
        writer.WriteByte(WrittenApart);
        writer.WriteVarint((uint)output.WrittenCount);
        writer.WriteBytes(output.WrittenSpan);
    }

    private static int Act(string text)
    {
        AppContext.SetData(nameof(RemoteErrorsTests), text);
        return 0;
    }

    private sealed class OrderException(string message, Exception? inner) : Exception(message, inner)
    {
        public int Order { get; init; }

        public object? Held { get; init; }
    }

    private sealed class OfThing<T> : Exception;

    private sealed record Touchy(int Id)
    {
        public override int GetHashCode() => AppContext.GetData(nameof(Touchy)) is null ? Id : throw new FormatException();
    }

    private sealed class FinalizableException : Exception
    {
        ~FinalizableException() => GC.KeepAlive(this);
    }
}
