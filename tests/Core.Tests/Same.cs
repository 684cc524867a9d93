namespace MicroSpark.Tests;

/// <summary>For long sequences: xunit's own comparison takes a microsecond an element, and is asked for its message only when they differ.</summary>
internal static class Same
{
    public static void As<T>(IEnumerable<T> expected, IEnumerable<T> actual)
    {
        var (wanted, found) = (expected.ToArray(), actual.ToArray());
        if (!wanted.AsSpan().SequenceEqual(found, null))
        {
            Assert.Equal(wanted, found);
        }
    }
}
