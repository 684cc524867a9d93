namespace MicroSpark.Stages.Selecting;

/// <summary>The elements of an array or a list, as a compiled <see cref="SelectCall"/> reads them.</summary>
internal ref struct SelectSource<S>
{
    /// <summary>What is read ahead by at most, and so the size of what a loop keeps for it.</summary>
    public const int LongestSelected = 1024;

    private List<S>.Enumerator _list;

    /// <summary>Whether it is read by <see cref="MoveNext"/>, which an array is not.</summary>
    public bool IsList { get; private set; }

    public int Length { get; private set; }

    /// <summary>An array's elements.</summary>
    public ReadOnlySpan<S> Items { get; private set; }

    /// <summary>A list's element.</summary>
    public readonly S Current => _list.Current;

    /// <summary>False for other sequences, for longer ones, and for null: they are left to LINQ.</summary>
    public bool TryOpen(IEnumerable<S>? source, int longest)
    {
        // An array of a derived type is no S[] for a span.
        if (source is S[] array && array.GetType() == typeof(S[]))
        {
            (IsList, Length) = (false, array.Length);
            Items = array;
        }
        else if (source is List<S> list)
        {
            (IsList, Length) = (true, list.Count);
            _list = list.GetEnumerator();
        }
        else
        {
            return false;
        }

        return Length <= longest;
    }

    /// <exception cref="InvalidOperationException">The list was changed meanwhile.</exception>
    public bool MoveNext() => _list.MoveNext();
}
