namespace MicroSpark.Tests.Floors;

/// <summary>Groups in which each leads to each: Tarjan's strongly connected components of two and more.</summary>
internal sealed class Circles<T>
    where T : notnull
{
    private readonly ILookup<T, T> _next;
    private readonly Dictionary<T, int> _number = [];
    private readonly Dictionary<T, int> _lowest = [];
    private readonly Stack<T> _open = [];
    private readonly List<IReadOnlyList<T>> _found = [];

    private Circles(IEnumerable<(T From, T To)> arrows)
    {
        _next = arrows.ToLookup(arrow => arrow.From, arrow => arrow.To);
        foreach (var group in _next)
        {
            if (!_number.ContainsKey(group.Key))
            {
                Visit(group.Key);
            }
        }
    }

    public static IReadOnlyList<IReadOnlyList<T>> In(IEnumerable<(T From, T To)> arrows) => new Circles<T>(arrows)._found;

    private void Visit(T node)
    {
        _number[node] = _lowest[node] = _number.Count;
        _open.Push(node);
        foreach (var next in _next[node])
        {
            if (!_number.ContainsKey(next))
            {
                Visit(next);
                _lowest[node] = Math.Min(_lowest[node], _lowest[next]);
            }
            else if (_open.Contains(next))
            {
                _lowest[node] = Math.Min(_lowest[node], _number[next]);
            }
        }

        if (_lowest[node] == _number[node])
        {
            Close(node);
        }
    }

    private void Close(T first)
    {
        var circle = new List<T>();
        T last;
        do
        {
            last = _open.Pop();
            circle.Add(last);
        }
        while (!last.Equals(first));

        if (circle.Count > 1)
        {
            _found.Add(circle);
        }
    }
}
