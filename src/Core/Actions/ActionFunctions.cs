using MicroSpark.Closures;

namespace MicroSpark.Actions;

/// <summary>How actions make their result of the partitions' results.</summary>
[EngineFunction]
internal static class ActionFunctions
{
    public static T Same<T>(T value) => value;

    /// <summary>Of an action that gives nothing.</summary>
    public static bool Done<P>(P[] parts) => true;

    public static long Sum(long[] parts) => parts.Sum();
}
