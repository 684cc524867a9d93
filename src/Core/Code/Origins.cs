using System.Collections.Concurrent;
using System.Reflection;

namespace MicroSpark.Code;

/// <summary>Whose an assembly is: the framework's, MicroSpark's, or the user's (whatever is neither).</summary>
internal static class Origins
{
    private static readonly string[] s_microSpark = ["MicroSpark.Core", "MicroSpark.Grains", "MicroSpark"];
    private static readonly ConcurrentDictionary<string, Assembly> s_known = new(StringComparer.Ordinal);

    // The public keys that Microsoft signs the framework with: a user's System.Something.dll does not carry one.
    private static readonly ulong[] s_frameworkKeys =
    [
        0x7CEC85D7BEA7798E, 0xB03F5F7F11D50A3A, 0xB77A5C561934E089, 0xCC7B13FFCD2DDD51, 0xADB9793829DDAE60, 0x31BF3856AD364E35,
    ];

    public static bool IsMicroSpark(Assembly assembly) =>
        assembly == typeof(Origins).Assembly
            || (assembly.GetName().Name is { } name && s_microSpark.Contains(name) && !assembly.IsCollectible);

    public static bool IsFramework(Assembly assembly)
    {
        if (assembly == typeof(object).Assembly)
        {
            return true;
        }

        var name = assembly.GetName();
        return !assembly.IsCollectible && IsFrameworkName(name.Name) && name.GetPublicKeyToken() is { Length: 8 } token
            && s_frameworkKeys.Contains(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(token));
    }

    /// <summary>The loaded assembly of MicroSpark with this name.</summary>
    public static Assembly? MicroSparkAssembly(string? name)
    {
        if (name is null || Array.IndexOf(s_microSpark, name) < 0)
        {
            return null;
        }

        if (s_known.TryGetValue(name, out var known))
        {
            return known;
        }

        var found = Array.Find(
            AppDomain.CurrentDomain.GetAssemblies(), assembly => !assembly.IsCollectible && assembly.GetName().Name == name);
        return found is null ? null : s_known.GetOrAdd(name, found);
    }

    /// <summary>The framework's assembly with this name.</summary>
    public static Assembly? FrameworkAssembly(string? name)
    {
        if (!IsFrameworkName(name))
        {
            return null;
        }

        if (s_known.TryGetValue(name!, out var known))
        {
            return known;
        }

        try
        {
            var assembly = Assembly.Load(new AssemblyName(name!));
            return IsFramework(assembly) ? s_known.GetOrAdd(name!, assembly) : null;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            return null;
        }
    }

    private static bool IsFrameworkName(string? name) =>
        name is not null && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '.')
        && (name is "mscorlib" or "netstandard" or "System" || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.VisualBasic", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.CSharp", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal));
}
