namespace MicroSpark.Memory;

/// <summary>
/// Follows the references of some elements and adds up the objects. An object with one referring element stands for the elements that are
/// not followed too. An object with several is there once, for any number of elements.
/// </summary>
internal sealed class SizeWalk
{
    /// <summary>Objects of one element that are looked at; a larger one is taken to go on as it began.</summary>
    private const int MostObjects = 4096;

    /// <summary>Items of an array of references that are looked at, evenly spread.</summary>
    private const int SampledItems = 64;

    private readonly Dictionary<object, Visit> _visits = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(object Object, double Weight)> _pending = [];
    private int _elements;
    private double _own;
    private double _shared;

    public void Follow<T>(T element)
    {
        _elements++;
        if (element is null)
        {
            return;
        }

        if (typeof(T).IsValueType)
        {
            // A box of the element: it is not among the objects, its references are.
            PushFields(element, 1);
        }
        else if (!ObjectLayout.IsProcessWide(element))
        {
            _pending.Push((element, 1));
        }

        for (var looked = 0; _pending.TryPop(out var next); looked++)
        {
            if (looked < MostObjects)
            {
                Look(next.Object, next.Weight);
            }
        }
    }

    /// <summary>Bytes of the objects that so many elements refer to.</summary>
    public long Estimate(int elements) => (long)((_own * elements / Math.Max(1, _elements)) + _shared);

    private void Look(object found, double weight)
    {
        if (_visits.TryGetValue(found, out var visit))
        {
            if (!visit.Shared && visit.Element != _elements)
            {
                Share(found);
            }

            return;
        }

        var bytes = ObjectLayout.SizeOf(found) * weight;
        _visits.Add(found, new Visit(_elements, bytes, Shared: false));
        _own += bytes;
        PushReferences(found, weight);
    }

    /// <summary>An object turns out to belong to several elements, and so does all that it refers to.</summary>
    private void Share(object root)
    {
        var pending = new Stack<object>([root]);
        while (pending.TryPop(out var next))
        {
            if (_visits.TryGetValue(next, out var visit) && !visit.Shared)
            {
                _visits[next] = visit with { Shared = true };
                _own -= visit.Bytes;
                _shared += visit.Bytes;
                var before = _pending.Count;
                PushReferences(next, 1);
                while (_pending.Count > before)
                {
                    pending.Push(_pending.Pop().Object);
                }
            }
        }
    }

    private void PushReferences(object found, double weight)
    {
        if (found is Array array)
        {
            PushItems(array, weight);
        }
        else
        {
            PushFields(found, weight);
        }
    }

    private void PushItems(Array array, double weight)
    {
        var layout = ObjectLayout.Of(array.GetType().GetElementType()!);
        if (array.Rank != 1 || array.Length == 0 || !layout.HasReferences)
        {
            return;
        }

        var step = Math.Max(1, array.Length / SampledItems);
        var each = weight * array.Length / ((array.Length + step - 1) / step);
        for (var i = 0; i < array.Length; i += step)
        {
            if (array.GetValue(i) is not { } item)
            {
                continue;
            }

            if (layout.IsValue)
            {
                PushFields(item, each);
            }
            else if (!ObjectLayout.IsProcessWide(item))
            {
                _pending.Push((item, each));
            }
        }
    }

    private void PushFields(object found, double weight)
    {
        foreach (var field in ObjectLayout.Of(found.GetType()).References)
        {
            if (field.GetValue(found) is not { } value)
            {
                continue;
            }

            if (field.FieldType.IsValueType)
            {
                PushFields(value, weight);
            }
            else if (!ObjectLayout.IsProcessWide(value))
            {
                _pending.Push((value, weight));
            }
        }
    }

    private readonly record struct Visit(int Element, double Bytes, bool Shared);
}
