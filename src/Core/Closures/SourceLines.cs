using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>Where a method stands in its source file, from portable symbols.</summary>
internal static class SourceLines
{
    private static readonly ConditionalWeakTable<Assembly, StrongBox<MetadataReaderProvider?>> s_symbols = [];

    /// <summary>The file's name and the line, such as <c>Program.cs:12</c>; null without symbols.</summary>
    public static string? Find(MethodBase method)
    {
        if (SharedCode.Has(method.Module.Assembly)
            || s_symbols.GetValue(method.Module.Assembly, static assembly => new(Open(assembly))).Value is not { } provider)
        {
            return null;
        }

        var symbols = provider.GetMetadataReader();
        var row = MetadataTokens.GetRowNumber(MetadataTokens.EntityHandle(method.MetadataToken));
        if (row > symbols.MethodDebugInformation.Count)
        {
            return null;
        }

        var information = symbols.GetMethodDebugInformation(MetadataTokens.MethodDebugInformationHandle(row));
        foreach (var point in information.GetSequencePoints())
        {
            if (!point.IsHidden)
            {
                // A path of the machine that compiled it: its separators may be another system's.
                var path = symbols.GetString(symbols.GetDocument(point.Document).Name);
                return $"{path[(path.LastIndexOfAny(['/', '\\']) + 1)..]}:{point.StartLine}";
            }
        }

        return null;
    }

    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        try
        {
            var bytes = AssemblyLoadContext.GetLoadContext(assembly) is ShippedLoadContext shipped
                ? shipped.Symbols
                : EmittedAssemblies.Find(assembly)?.Symbols;
            if (bytes is not null)
            {
                return MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(bytes, writable: false));
            }

            if (assembly.IsDynamic || !File.Exists(assembly.Location))
            {
                return null;
            }

            // Beside the file or inside it; symbols of another build are passed over.
            using var image = new PEReader(File.OpenRead(assembly.Location));
            return image.TryOpenAssociatedPortablePdb(
                assembly.Location,
                static path => File.Exists(path) ? new MemoryStream(File.ReadAllBytes(path)) : null,
                out var found,
                out _)
                ? found
                : null;
        }
        catch (Exception error) when (error is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            // A name without a line still names the method.
            return null;
        }
    }
}
