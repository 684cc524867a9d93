using System.Runtime.InteropServices;

namespace MicroSpark.Stages.Selecting;

/// <summary>The elements of an array or a list that a compiled <see cref="SelectCall"/> reads without an enumerator.</summary>
internal ref struct SelectSource<S>
{
    /// <summary>What a sequence is read ahead by at most, and so the size of what the loop keeps for it.</summary>
    private const int LongestSelected = 1024;

    private List<S>.Enumerator _end;
    private bool _isList;

    public ReadOnlySpan<S> Items { get; private set; }

    /// <summary>False for other sequences, for long ones, and for null: they are left to LINQ.</summary>
    public bool TryOpen(IEnumerable<S>? source)
    {
        // An array of a derived type is no S[] for a span.
        if (source is S[] array && array.GetType() == typeof(S[]))
        {
            Items = array;
            _isList = false;
        }
        else if (source is List<S> list)
        {
            Items = CollectionsMarshal.AsSpan(list);
            _end = list.GetEnumerator();
            _isList = true;
        }
        else
        {
            return false;
        }

        return Items.Length <= LongestSelected;
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="InvalidOperationException">The list was changed meanwhile.</exception>
    public void Close()
    {
        if (_isList)
        {
            _end.MoveNext();
        }
    }
}
