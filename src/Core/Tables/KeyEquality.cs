using System.Runtime.CompilerServices;

namespace MicroSpark.Tables;

/// <summary>Default equality of keys, decided when the caller is compiled: in place for value types, ordinal for strings.</summary>
internal static class KeyEquality<K>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(K left, K right)
    {
        if (typeof(K).IsValueType)
        {
            return EqualityComparer<K>.Default.Equals(left, right);
        }

        return left is string text
            ? right is string other && string.Equals(text, other)
            : EqualityComparer<K>.Default.Equals(left, right);
    }
}
