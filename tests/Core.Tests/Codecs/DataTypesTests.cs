using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Codecs;

/// <summary>The rule of data types, over all that the framework has.</summary>
public class DataTypesTests
{
    private static readonly Type[] s_framework = [.. FrameworkTypes()];

    [Fact]
    public void A_type_of_the_framework_is_data_only_if_it_is_on_the_list_or_holds_nothing_that_acts()
    {
        Assert.InRange(s_framework.Length, 3_000, int.MaxValue);
        var data = s_framework.Where(static type => DataTypes.RefusalOf(type) is null).ToArray();

        Assert.All(data, static type => Assert.True(KnownTypes.Contains(type) || KnownTypes.IsHarmless(type), $"{type}"));
        Assert.All(data, static type => Assert.False(DataTypes.HasFinalizer(type), $"{type} has a finalizer."));
        Assert.All(data, static type => Assert.False(typeof(Delegate).IsAssignableFrom(type), $"{type} is code."));
        Assert.Equal([typeof(System.Text.Json.JsonDocument)], data.Where(IsOwner));
        Assert.Equal(
            [typeof(Type)], data.Where(static type => type.Namespace is "System.Reflection" or "System.Reflection.Emit" || typeof(MemberInfo).IsAssignableFrom(type))
                .Where(static type => !type.IsEnum && !type.IsInterface && !typeof(Exception).IsAssignableFrom(type)));
    }

    [Fact]
    public void Comparers_of_the_framework_are_those_of_the_list()
    {
        var comparers = s_framework.Where(static type => !type.IsInterface && DataTypes.RefusalOf(type) is null && IsComparer(type));

        Assert.Equal(
            ["Comparer`1", "EqualityComparer`1", "ReferenceEqualityComparer", "StringComparer"], comparers.Select(static type => type.Name).Order());
        Assert.NotNull(DataTypes.RefusalOf(Comparer<int>.Create(static (x, y) => x - y).GetType()));
        Assert.NotNull(DataTypes.RefusalOf(EqualityComparer<int>.Create(static (x, y) => x == y).GetType()));
    }

    /// <summary>An error is made without its constructor, of its fields: none of the framework's may need one to be safe.</summary>
    [Fact]
    public void Errors_of_the_framework_have_neither_finalizers_nor_anything_to_dispose() =>
        Assert.DoesNotContain(s_framework, static type => typeof(Exception).IsAssignableFrom(type) && (DataTypes.HasFinalizer(type) || IsOwner(type)));

    [Theory]
    [InlineData(typeof(int), true)]
    [InlineData(typeof(string), true)]
    [InlineData(typeof(object), true)]
    [InlineData(typeof(DateTime?), true)]
    [InlineData(typeof(List<(int, Person)>), true)]
    [InlineData(typeof(Dictionary<string, Uri>), true)]
    [InlineData(typeof(IComparable), true)]
    [InlineData(typeof(DayOfWeek), true)]
    [InlineData(typeof(FileNotFoundException), true)]
    [InlineData(typeof(Person[,]), true)]
    [InlineData(typeof(Optional<int>), true)]
    [InlineData(typeof(Action), false)]
    [InlineData(typeof(List<Action>), false)]
    [InlineData(typeof(Action[]), false)]
    [InlineData(typeof(Lazy<int>), false)]
    [InlineData(typeof(Task<int>), false)]
    [InlineData(typeof(System.Diagnostics.Process), false)]
    [InlineData(typeof(FileStream), false)]
    [InlineData(typeof(System.Runtime.InteropServices.SafeHandle), false)]
    [InlineData(typeof(System.Runtime.InteropServices.GCHandle), false)]
    [InlineData(typeof(MethodInfo), false)]
    [InlineData(typeof(CancellationTokenSource), false)]
    [InlineData(typeof(ThreadLocal<int>), false)]
    [InlineData(typeof(Finalizable), false)]
    [InlineData(typeof(InheritsFinalizer), false)]
    [InlineData(typeof(FinalizableException), false)]
    [InlineData(typeof(List<InheritsFinalizer>), false)]
    [InlineData(typeof(MicroSpark.Memory.SpillFolder), false)]
    public void The_verdicts_that_matter(Type type, bool isData) => Assert.Equal(isData, DataTypes.RefusalOf(type) is null);

    [Fact]
    public void A_type_with_a_finalizer_is_refused_also_where_it_is_declared()
    {
        var error = Assert.Throws<NotEncodableException>(() => ValueCodec.EnsureEncodable(typeof(List<InheritsFinalizer>)));
        Assert.Contains("finalizer", error.Message, StringComparison.Ordinal);
        byte[] made = [Header.New];
        Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<InheritsFinalizer>(made, CodeSpace.Process));
    }

    private static bool IsOwner(Type type) =>
        !type.IsInterface && (typeof(IDisposable).IsAssignableFrom(type) || typeof(IAsyncDisposable).IsAssignableFrom(type));

    private static bool IsComparer(Type type) =>
        type.GetInterfaces().Any(static part => part.Name is "IComparer" or "IEqualityComparer" or "IComparer`1" or "IEqualityComparer`1");

    private static IEnumerable<Type> FrameworkTypes()
    {
        var folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        foreach (var file in Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal) && Origins.FrameworkAssembly(Path.GetFileNameWithoutExtension(file)) is { } assembly)
            {
                foreach (var type in assembly.GetExportedTypes())
                {
                    yield return type;
                }
            }
        }
    }

    private class Finalizable
    {
        ~Finalizable() => GC.KeepAlive(this);
    }

    private sealed class InheritsFinalizer : Finalizable;

    private sealed class FinalizableException : Exception
    {
        ~FinalizableException() => GC.KeepAlive(this);
    }
}
