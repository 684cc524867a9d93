using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Floors;

/// <summary>
/// The file in which a symbol lives. The files of a partial type count as one: they were parted for length, not for meaning. The three
/// types whose members are features by themselves are the exception: there each member lives where it stands, and the type in the file of
/// its name.
/// </summary>
internal sealed class Homes
{
    public static readonly string[] SpreadTypes = ["MicroSpark.Rdd<T>", "MicroSpark.PairRdd", "MicroSpark.MicroSparkContext"];

    private readonly Dictionary<string, string> _joined = [];

    public Homes(IEnumerable<INamedTypeSymbol> types)
    {
        foreach (var type in types.Where(type => !SpreadTypes.Contains(type.ToDisplayString())))
        {
            var files = FilesOf(type);
            var root = RootOf(type, files);
            foreach (var file in files.Where(file => file != root && Root(file) != Root(root)))
            {
                _joined[Root(file)] = Root(root);
            }
        }
    }

    /// <summary>The files that declare a symbol, sorted.</summary>
    public static string[] FilesOf(ISymbol symbol)
    {
        var files = symbol.Locations.Where(place => place.IsInSource).Select(place => place.SourceTree!.FilePath);
        return [.. files.Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Of a type's files the one of its name, else the one with the shortest path.</summary>
    public static string RootOf(ISymbol type, IReadOnlyCollection<string> files) =>
        files.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == type.Name) ?? files.MinBy(file => file.Length)!;

    /// <summary>The file that stands for this one and those joined with it.</summary>
    public string Root(string file)
    {
        while (_joined.TryGetValue(file, out var next))
        {
            file = next;
        }

        return file;
    }

    /// <summary>Null for what the source does not declare.</summary>
    public string? Of(ISymbol symbol)
    {
        var files = FilesOf(symbol);
        return files.Length switch
        {
            0 => null,
            1 => Root(files[0]),
            _ => Root(RootOf(symbol as INamedTypeSymbol ?? symbol.ContainingType, files)),
        };
    }
}
