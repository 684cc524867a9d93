using System.Runtime.CompilerServices;
using MicroSpark.Display;

namespace MicroSpark.Tasks;

/// <summary>The key of one task that has the most values, for people who look for the cause of skew.</summary>
/// <param name="Key">Cut, and without what could act on a terminal.</param>
internal sealed record HeavyKey(string Key, long Values)
{
    /// <summary>What has fewer values is no reason to change a program.</summary>
    public const int Least = 1000;

    private const int Longest = 80;

    /// <summary>
    /// Whether keys of a type can be made into text here: those of which that runs no code of the program, which might fail.
    /// </summary>
    public static bool CanShow(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(Guid)
        || type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly) || type == typeof(TimeSpan)
        || (type.IsValueType && type.Namespace == nameof(System) && typeof(ITuple).IsAssignableFrom(type)
            && Array.TrueForAll(type.GenericTypeArguments, CanShow));

    /// <param name="key">Of a type that can be shown.</param>
    public static HeavyKey Of(object? key, long values) => new(ValueText.Short(key, Longest), values);
}
