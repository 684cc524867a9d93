using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Stages;

namespace MicroSpark.Tables;

/// <summary>
/// The side of a join that is looked up: the values of each key lie together, in order of arrival. When all keys differ, which is the rule, they
/// stay where they arrived.
/// </summary>
/// <param name="memory">Counts it; null when nobody does.</param>
internal sealed class JoinTable<K, V>(TaskMemory? memory = null)
{
    private CombineTable<K, int> _keys = new(0, memory);
    private TableMemory _memory = new(memory);
    private V[] _values = [];
    private int[] _starts = [];
    private bool[] _met = [];
    private bool _unique;

    /// <summary>Distinct keys.</summary>
    public int Keys => _keys.Count;

    /// <summary>Takes a side's pairs; what was there before is forgotten.</summary>
    /// <param name="count">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Build(ChunkReader<(K Key, V Value)> pairs, int count)
    {
        _keys.Clear();
        if (_keys.Capacity < count)
        {
            _keys.Release();
            _keys = new CombineTable<K, int>(count, memory);
        }

        if (_values.Length < count)
        {
            _values = new V[count];
        }

        // With the arrays that bring the values of a key together.
        _memory.Set((2L * _values.Length * Unsafe.SizeOf<V>()) + (2L * count * sizeof(int)));
        var numbers = new int[count];
        var at = 0;
        while (pairs.Next(int.MaxValue, out var run))
        {
            foreach (var (key, value) in run)
            {
                var number = _keys.IndexOf(key, StableHash<K>.Of(key), out _);
                _keys.Entries[number].Value++;
                numbers[at] = number;
                _values[at++] = value;
            }
        }

        _unique = _keys.Count == at;
        if (!_unique)
        {
            Gather(numbers.AsSpan(0, at));
        }
    }

    /// <summary>The number of a key; -1 when it is not here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(K key) => _keys.Find(key, StableHash<K>.Of(key));

    public K KeyOf(int number) => _keys.Entries[number].Key;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<V> ValuesOf(int number) =>
        _unique ? _values.AsSpan(number, 1) : _values.AsSpan(_starts[number], _starts[number + 1] - _starts[number]);

    /// <summary>Prepares <see cref="Meet"/>.</summary>
    public void ForgetMet()
    {
        if (_met.Length < _keys.Count)
        {
            _met = new bool[_keys.Count];
        }
        else
        {
            Array.Clear(_met);
        }
    }

    /// <summary>Notes that the other side has the key.</summary>
    public void Meet(int number) => _met[number] = true;

    public bool IsMet(int number) => _met[number];

    /// <summary>Brings the values of each key together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(ReadOnlySpan<int> numbers)
    {
        var entries = _keys.Entries;
        _starts = new int[entries.Length + 1];
        for (var i = 0; i < entries.Length; i++)
        {
            _starts[i + 1] = _starts[i] + entries[i].Value;
            entries[i].Value = _starts[i];
        }

        var gathered = new V[_values.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            gathered[entries[numbers[i]].Value++] = _values[i];
        }

        _values = gathered;
    }
}
