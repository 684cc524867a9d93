using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Hashing;
using MicroSpark.Memory;
using MicroSpark.Readers;

namespace MicroSpark.Tables;

/// <summary>
/// The side of a join that is looked up: the values of each key lie together, in order of arrival. When all keys differ, which is the rule,
/// they stay where they arrived.
/// </summary>
/// <param name="memory">Counts it; null when nobody does.</param>
internal sealed class JoinTable<K, V>(TaskMemory? memory = null)
{
    /// <summary>Whole-number keys are numbered by place, without a hash, when one of so many places is taken.</summary>
    private const int PlacesPerKey = 16;

    private CombineTable<K, Nothing> _keys = new(0, memory);
    private TableMemory _memory = new(memory);

    // Borrowed, as all that is large here.
    private V[] _values = [];
    private int[] _starts = [];
    private bool[] _met = [];
    private bool _unique;

    // Dense keys: the number of each, plus one, by its distance from the least.
    private int[] _places = [];
    private int _span;
    private long _least;
    private K[] _placed = [];

    /// <summary>Distinct keys.</summary>
    public int Keys { get; private set; }

    /// <summary>The value of each number when every key has one; empty when some have more.</summary>
    public ReadOnlySpan<V> Singles => _unique ? _values.AsSpan(0, Keys) : default;

    /// <summary>
    /// Takes a side's pairs; what was there before is forgotten. Keys are numbered in the order in which they first come.
    /// </summary>
    /// <param name="count">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Build(ChunkReader<(K Key, V Value)> pairs, int count)
    {
        _keys.Clear();
        _span = 0;
        MakeRoom(ref _values, count);
        CountMemory(count);
        var numbers = Borrowed.Array<int>(count);
        var at = 0;
        var keys = 0;
        while (pairs.Next(int.MaxValue, out var run))
        {
            if (IntegerKey<K>.Is && run.Length == count && TryPlace(run))
            {
                foreach (var (key, value) in run)
                {
                    ref var place = ref _places[(int)(IntegerKey<K>.ToInt64(key) - _least)];
                    if (place == 0)
                    {
                        _placed[keys] = key;
                        place = ++keys;
                    }

                    numbers[at] = place - 1;
                    _values[at++] = value;
                }

                break;
            }

            if (_keys.Capacity < count)
            {
                _keys.Release();
                _keys = new CombineTable<K, Nothing>(count, memory);
            }

            for (var i = 0; i < run.Length; i++)
            {
                KeyAhead.Prefetch(run, i);
                var (key, value) = run[i];
                numbers[at] = _keys.IndexOf(key, StableHash<K>.Of(key), out _);
                _values[at++] = value;
            }

            keys = _keys.Count;
        }

        Keys = keys;
        _unique = keys == at;
        if (!_unique)
        {
            Gather(numbers.AsSpan(0, at));
        }

        Borrowed.GiveBack(ref numbers);
    }

    /// <summary>The number of a key; -1 when it is not here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(K key)
    {
        if (IntegerKey<K>.Is && _span > 0)
        {
            var place = (ulong)(IntegerKey<K>.ToInt64(key) - _least);
            return place < (ulong)_span ? _places[place] - 1 : -1;
        }

        return _keys.Find(key, StableHash<K>.Of(key));
    }

    /// <summary>The numbers of several keys; asks for the memory of their values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Find<T>(ReadOnlySpan<(K Key, T Value)> pairs, Span<int> numbers)
    {
        for (var i = 0; i < pairs.Length; i++)
        {
            KeyAhead.Prefetch(pairs, i);
            var number = Find(pairs[i].Key);
            numbers[i] = number;
            if (_unique)
            {
                Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_values), Math.Max(number, 0)));
            }
            else
            {
                Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_starts), Math.Max(number, 0)));
            }
        }
    }

    public K KeyOf(int number) => _span > 0 ? _placed[number] : _keys.Entries[number].Key;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<V> ValuesOf(int number) =>
        _unique ? _values.AsSpan(number, 1) : _values.AsSpan(_starts[number], _starts[number + 1] - _starts[number]);

    /// <summary>Prepares <see cref="Meet"/>.</summary>
    public void ForgetMet()
    {
        if (_met.Length < Keys)
        {
            _met = new bool[Keys];
        }
        else
        {
            Array.Clear(_met);
        }
    }

    /// <summary>Notes that the other side has the key.</summary>
    public void Meet(int number) => _met[number] = true;

    public bool IsMet(int number) => _met[number];

    /// <summary>Gives back its memory; nobody may read from it. It may be built again.</summary>
    public void Release()
    {
        _keys.Clear();
        (Keys, _span) = (0, 0);
        Borrowed.GiveBack(ref _values);
        Borrowed.GiveBack(ref _starts);
        Borrowed.GiveBack(ref _places);
        Borrowed.GiveBack(ref _placed);
        _memory.Set(0);
    }

    /// <summary>Makes room for keys that are dense numbers.</summary>
    private bool TryPlace(ReadOnlySpan<(K Key, V Value)> pairs)
    {
        var (least, greatest) = (long.MaxValue, long.MinValue);
        IntegerKey<K>.Widen(pairs, ref least, ref greatest);
        var span = unchecked((ulong)(greatest - least)) + 1;
        if (span - 1 >= Math.Min((ulong)Array.MaxLength, (ulong)pairs.Length * PlacesPerKey))
        {
            return false;
        }

        (_least, _span) = (least, (int)span);
        MakeRoom(ref _places, _span);
        _places.AsSpan(0, _span).Clear();
        MakeRoom(ref _placed, pairs.Length);
        CountMemory(pairs.Length);
        return true;
    }

    /// <summary>With the arrays that bring the values of a key together.</summary>
    private void CountMemory(int count) => _memory.Set(
        (2L * _values.Length * Unsafe.SizeOf<V>()) + (2L * count * sizeof(int)) + ((long)_places.Length * sizeof(int))
            + ((long)_placed.Length * Unsafe.SizeOf<K>()));

    /// <summary>Brings the values of each key together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(ReadOnlySpan<int> numbers)
    {
        MakeRoom(ref _starts, Keys + 1);
        _starts.AsSpan(0, Keys + 1).Clear();
        foreach (var number in numbers)
        {
            _starts[number + 1]++;
        }

        for (var i = 0; i < Keys; i++)
        {
            _starts[i + 1] += _starts[i];
        }

        var next = Borrowed.Array<int>(Keys);
        _starts.AsSpan(0, Keys).CopyTo(next);
        var gathered = Borrowed.Array<V>(_values.Length);
        for (var i = 0; i < numbers.Length; i++)
        {
            gathered[next[numbers[i]]++] = _values[i];
        }

        Borrowed.GiveBack(ref next);
        Borrowed.GiveBack(ref _values);
        _values = gathered;
    }

    private static void MakeRoom<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Borrowed.GiveBack(ref array);
            array = Borrowed.Array<T>(length);
        }
    }
}
