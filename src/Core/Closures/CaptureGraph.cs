using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// The objects of which a lambda needs only some fields: its target, and what it reaches from there through fields that it reads.
/// Whatever is wanted whole is a plain value of one of those fields. Two paths to one object are one carrier.
/// </summary>
internal sealed class CaptureGraph
{
    private readonly Dictionary<object, Carrier> _byObject = new(ReferenceEqualityComparer.Instance);

    private CaptureGraph()
    {
    }

    /// <summary>An object that is rebuilt field by field.</summary>
    internal sealed class Carrier(object target, int index, string path)
    {
        public object Target { get; } = target;

        public int Index { get; } = index;

        public string Path { get; } = path;

        /// <summary>Fields whose values are written whole.</summary>
        public SortedSet<FieldInfo> Values { get; } = new(Comparer<FieldInfo>.Create(FieldNeeds.Compare));

        /// <summary>Fields that lead to another carrier.</summary>
        public SortedDictionary<FieldInfo, Carrier> Links { get; } = new(Comparer<FieldInfo>.Create(FieldNeeds.Compare));

        public bool IsExpanded { get; set; }

        /// <summary>Values that are written whole because of a virtual call, and the call.</summary>
        public Dictionary<FieldInfo, MethodBase> VirtualCalls { get; } = [];
    }

    public List<Carrier> Carriers { get; } = [];

    /// <summary>Whether no task can change any of it for another, as far as values go.</summary>
    public bool IsShareable { get; private set; } = true;

    /// <summary>The graph below a lambda's target; null when the target itself is wanted whole.</summary>
    /// <param name="needs">What the lambda's IL asks of the target.</param>
    /// <param name="onValue">Called for each value found, with its path, to refuse what no task may use.</param>
    public static CaptureGraph? Of(object target, FieldNeeds needs, Action<object, string> onValue)
    {
        var path = CapturePath.OfTarget(target.GetType());
        onValue(target, path);
        if (!IsCarrier(target, needs, isTarget: true))
        {
            return null;
        }

        var graph = new CaptureGraph();
        graph.Visit(target, needs, path, onValue);
        return graph;
    }

    private Carrier Visit(object target, FieldNeeds needs, string path, Action<object, string> onValue)
    {
        if (!_byObject.TryGetValue(target, out var carrier))
        {
            _byObject.Add(target, carrier = new Carrier(target, Carriers.Count, path));
            Carriers.Add(carrier);
        }

        if (needs.All && !carrier.IsExpanded)
        {
            carrier.IsExpanded = true;
            foreach (var field in TypeFields.Of(target.GetType()).Where(field => !CompilerMade.IsDelegateCache(field)))
            {
                VisitField(carrier, field, FieldNeeds.Everything, onValue);
            }
        }

        foreach ((var field, var fieldNeeds) in needs.Fields)
        {
            VisitField(carrier, field, fieldNeeds, onValue);
        }

        return carrier;
    }

    private void VisitField(Carrier carrier, FieldInfo field, FieldNeeds needs, Action<object, string> onValue)
    {
        // Null is what an object without a constructor has there anyway.
        if (CapturedValues.Of(field.GetValue(carrier.Target), field.FieldType) is not { } value)
        {
            return;
        }

        var path = CapturePath.Below(carrier.Path, field);
        onValue(value, path);
        if (IsCarrier(value, needs, isTarget: false))
        {
            carrier.Links[field] = Visit(value, needs, path, onValue);
        }
        else
        {
            carrier.Values.Add(field);
            if (needs.VirtualCall is { } call)
            {
                carrier.VirtualCalls[field] = call;
            }

            IsShareable &= ValueCodec.IsShareable(value.GetType());
        }
    }

    /// <summary>
    /// Only the user's objects and classes of captured variables can be there in part: anything else has rules of its own about
    /// its fields. Structs inside others are copied whole.
    /// </summary>
    private static bool IsCarrier(object value, FieldNeeds needs, bool isTarget)
    {
        var type = value.GetType();
        if ((type.IsValueType && !isTarget) || type.IsArray || value is Delegate or string or IShippable)
        {
            return false;
        }

        return CompilerMade.IsClosure(type) || EngineFunctionAttribute.Marks(type) || (!needs.All && !SharedCode.Has(type.Assembly));
    }
}
