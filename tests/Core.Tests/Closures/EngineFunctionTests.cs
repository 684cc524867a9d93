using System.Linq.Expressions;
using System.Reflection;
using MicroSpark.Closures;
using MicroSpark.Code;
using MicroSpark.Operators;

namespace MicroSpark.Tests.Closures;

/// <summary>
/// A plan names the engine's own functions so that every patch of a version finds them: by names that somebody wrote. The tests of all public
/// operations (ModelTests, SubmitTests) go through this rule too: an operator that captures a lambda of its own fails there.
/// </summary>
public sealed class EngineFunctionTests
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] s_types = typeof(Closure).Assembly.GetTypes();

    [Fact]
    public void A_lambda_of_the_engine_does_not_travel()
    {
        var method = s_types.Where(static type => CompilerMade.IsClosure(type) && !type.ContainsGenericParameters)
            .SelectMany(static type => type.GetMethods(Declared))
            .First(static method => method.Name.Contains(">b__", StringComparison.Ordinal) && !method.ContainsGenericParameters
                && method.GetParameters().All(static parameter => !parameter.ParameterType.IsByRef));
        var type = Expression.GetDelegateType([.. method.GetParameters().Select(static parameter => parameter.ParameterType), method.ReturnType]);
        var lambda = Delegate.CreateDelegate(type, Activator.CreateInstance(method.DeclaringType!, nonPublic: true), method);

        var error = Assert.Throws<ClosureNotShippableException>(() => Closure<Delegate>.Capture(lambda, "Map", "f"));
        Assert.Contains("a lambda of MicroSpark's own", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_of_the_engine_travels_by_its_written_name_with_what_it_holds()
    {
        var offset = 3;
        var function = new PartitionFunction<int, int>(items => items.Select(item => item + offset));
        var closure = Closure<Func<int, IEnumerable<int>, IEnumerable<int>>>.Capture(function.Apply, "MapPartitions", "f");

        Assert.Contains("PartitionFunction`2", System.Text.Encoding.Latin1.GetString(closure.Encoded.Span), StringComparison.Ordinal);
        var read = Closure<Func<int, IEnumerable<int>, IEnumerable<int>>>.FromEncoded(closure.Encoded, CodeSpace.Process);
        Assert.Equal([4, 5], read.CreateInstance()(0, [1, 2]));
    }

    [Fact]
    public void What_its_function_captured_is_refused_by_the_name_that_the_program_gave_it()
    {
        using var file = new MemoryStream();
        var function = new PartitionFunction<int, long>(items => items.Select(item => file.Length));

        var error = Assert.Throws<ClosureNotShippableException>(
            () => Closure<Func<int, IEnumerable<int>, IEnumerable<long>>>.Capture(function.Apply, "MapPartitions", "f"));
        Assert.Contains("'file'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Marked_classes_are_found_by_a_name_and_derive_from_nothing()
    {
        Type[] marked = [.. s_types.Where(EngineFunctionAttribute.Marks)];

        Assert.Contains(typeof(PairFunctions), marked);
        Assert.DoesNotContain(marked, static type => CompilerMade.Is(type) || type.BaseType != typeof(object) || !type.IsSealed);
    }
}
