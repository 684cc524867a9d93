using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Operators;

/// <summary>What a user's function over whole partitions gave, read on demand.</summary>
internal static class UserSequence
{
    /// <summary>The function's own failures are attributed to this site; its inputs' keep their own.</summary>
    public static ChunkReader<U> Read<U>(Func<IEnumerable<U>> function, FaultSite site, TaskScope scope) =>
        new EnumerableReader<U>(Guard(function, site, scope), isUserCode: true);

    private static IEnumerable<U> Guard<U>(Func<IEnumerable<U>> function, FaultSite site, TaskScope scope)
    {
        IEnumerator<U>? items = null;
        try
        {
            while (true)
            {
                U item;
                try
                {
                    items ??= (function()
                        ?? throw new InvalidOperationException($"The function of {site.Operator} returned null; return an empty sequence."))
                            .GetEnumerator();
                    if (!items.MoveNext())
                    {
                        yield break;
                    }

                    item = items.Current;
                }
                catch (Exception e) when (scope.NoteFailure(e, () => site))
                {
                    throw;
                }

                yield return item;
            }
        }
        finally
        {
            items?.Dispose();
        }
    }
}
