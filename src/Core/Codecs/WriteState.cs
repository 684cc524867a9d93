using System.Numerics;
using System.Runtime.CompilerServices;

namespace MicroSpark.Codecs;

/// <summary>What one encoding has named so far. One per thread is kept for reuse; made only when a value needs it.</summary>
internal sealed class WriteState
{
    [ThreadStatic]
    private static WriteState? t_spare;

    public ObjectNumbers Objects { get; } = new();

    public WriteTypeTable Types { get; } = new();

    /// <summary>Objects of which only some fields were written, by their number. See <see cref="ObjectCodec"/>.</summary>
    public Dictionary<int, HashSet<FieldKey>>? Partial { get; set; }

    /// <summary>Collections around the present value that a reader can only make after their items.</summary>
    public List<object> OpenLate { get; } = [];

    /// <summary>Whether anything written refers to an earlier object or type, or names one for later values.</summary>
    public bool HasReferences { get; set; }

    /// <summary>
    /// The objects around the present value, by depth, where each object is written in full wherever it occurs and only cycles are
    /// references; null elsewhere.
    /// </summary>
    public Dictionary<object, int>? Around { get; set; }

    /// <summary>The lambda whose captured values are being written; null for data.</summary>
    public CaptureContext? Capture { get; set; }

    public static WriteState Rent()
    {
        var state = t_spare ?? new WriteState();
        t_spare = null;
        return state;
    }

    /// <summary>Forgets everything: what is kept for reuse must not keep a user's objects or types alive.</summary>
    public void Return()
    {
        Objects.Clear();
        Types.Clear();
        Partial = null;
        OpenLate.Clear();
        Capture = null;
        HasReferences = false;
        Around = null;
        t_spare = this;
    }
}

/// <summary>
/// Numbers objects by identity, in the order of their first sight. Open addressing: this is on the path of every object written.
/// </summary>
internal sealed class ObjectNumbers
{
    private const int SmallCapacity = 64;
    private const int KeptCapacity = 1 << 16;
    private const int LargestCapacity = 1 << 30;

    private object?[] _objects = new object?[SmallCapacity];
    private int[] _numbers = new int[SmallCapacity];

    public int Count { get; private set; }

    /// <summary>True when the object is new; <paramref name="number"/> is its number in both cases.</summary>
    public bool TryAdd(object value, out int number)
    {
        var objects = _objects;
        var mask = objects.Length - 1;
        var slot = Mix(RuntimeHelpers.GetHashCode(value)) & mask;
        while (objects[slot] is { } seen)
        {
            if (ReferenceEquals(seen, value))
            {
                number = _numbers[slot];
                return false;
            }

            slot = (slot + 1) & mask;
        }

        number = Count++;
        objects[slot] = value;
        _numbers[slot] = number;
        if (Count * 2 > objects.Length)
        {
            Resize(_objects.Length * 2);
        }

        return true;
    }

    /// <summary>Makes room at once for a run of so many objects.</summary>
    public void Expect(int more)
    {
        var capacity = (int)Math.Min(LargestCapacity, BitOperations.RoundUpToPowerOf2((ulong)(Count + (long)more) * 2));
        if (capacity > _objects.Length)
        {
            Resize(capacity);
        }
    }

    public void Clear()
    {
        if (_objects.Length > KeptCapacity)
        {
            _objects = new object?[SmallCapacity];
            _numbers = new int[SmallCapacity];
        }
        else if (Count > 0)
        {
            Array.Clear(_objects);
        }

        Count = 0;
    }

    private static int Mix(int hash) => (int)((uint)hash * 0x9E3779B1u >> 4);

    private void Resize(int capacity)
    {
        (var objects, var numbers) = (_objects, _numbers);
        _objects = new object?[capacity];
        _numbers = new int[capacity];
        var mask = _objects.Length - 1;
        for (var i = 0; i < objects.Length; i++)
        {
            if (objects[i] is { } value)
            {
                var slot = Mix(RuntimeHelpers.GetHashCode(value)) & mask;
                while (_objects[slot] is not null)
                {
                    slot = (slot + 1) & mask;
                }

                _objects[slot] = value;
                _numbers[slot] = numbers[i];
            }
        }
    }
}
