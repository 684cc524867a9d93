using System.Reflection;

namespace MicroSpark.Tests.PublicApi;

/// <summary>What programs compile against is written down, so that a change to it is seen and meant.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_recorded_one()
    {
        string[] assemblies = ["MicroSpark.Core", "MicroSpark.Grains", "MicroSpark", "MicroSpark.Hosting", "MicroSpark.Testing", "MicroSpark.Aspire.Hosting"];
        string[] now = [.. ApiList.Of(assemblies.SelectMany(name => Assembly.Load(name).GetExportedTypes()))];

        RecordedList.AssertIs("docs/public-api.txt", now, "The public surface", "UPDATE_PUBLIC_API", "PublicApi");
    }

    [Fact]
    public void The_list_is_written_as_CSharp_would_declare_it() =>
        Assert.Equal(
            """
            sealed-class MicroSpark.Tests.PublicApi.Example<T> : IDisposable where T : struct
                (string? Key, (T Left, int[] Right) Value) Nested(Func<T, string?> f, CancellationToken cancellationToken = default)
                Example(string name, int? count = null)
                IReadOnlyList<T?> Items { get; init; }
                extension Dictionary<K, U>? Twice<T, K, U>(this Example<T> example, params K[] keys) where T : struct where K : IComparable<K>
                extension Example<T> operator Addition<T>(this Example<T> left, Example<T> right) where T : struct
                void Dispose()
            static-class MicroSpark.Tests.PublicApi.ExampleExtensions
            """,
            string.Join('\n', ApiList.Of([typeof(Example<>), typeof(ExampleExtensions)])));
}

/// <summary>Something of everything that the list has to write.</summary>
public sealed class Example<T>(string name, int? count = null) : IDisposable
    where T : struct
{
    public IReadOnlyList<T?> Items { get; init; } = new T?[count ?? name.Length];

    public (string? Key, (T Left, int[] Right) Value) Nested(Func<T, string?> f, CancellationToken cancellationToken = default) =>
        (f(default), (default, cancellationToken.IsCancellationRequested ? [0] : []));

    public void Dispose()
    {
    }
}

/// <summary>Both ways to extend a type from outside.</summary>
public static class ExampleExtensions
{
    extension<T>(Example<T>)
        where T : struct
    {
        public static Example<T> operator +(Example<T> left, Example<T> right) => left.Items.Count > right.Items.Count ? left : right;
    }

    public static Dictionary<K, U>? Twice<T, K, U>(this Example<T> example, params K[] keys)
        where T : struct
        where K : IComparable<K> => example.Items.Count == keys.Length ? [] : null;
}
