using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Tests.Attacks;

/// <summary>
/// A collection that is read asks its keys for their hash or order, and the framework's tuples ask their parts. Tuples in tuples without end
/// would take the stack and with it the process, which no catch holds.
/// </summary>
public sealed class NestedKeyTests
{
    private const int Deep = 20_000;

    /// <summary>Collections of one key, which is replaced when it is inside: a writer of bytes asks no key.</summary>
    private static readonly Func<object, object>[] s_collections =
    [
        static key => new Dictionary<object, int> { [key] = 1 },
        static key => new OrderedDictionary<object, int> { [key] = 1 },
        static key => new ConcurrentDictionary<object, int> { [key] = 1 },
        static key => new SortedDictionary<object, int> { [key] = 1 },
        static key => new SortedList<object, int> { [key] = 1 },
        static key => new HashSet<object> { key },
        static key => new HashSet<(int, IComparable)> { (1, (IComparable)key) },
        static key => new SortedSet<object> { key },
        static key => new Dictionary<object, int> { [key] = 1 }.ToFrozenDictionary(),
        static key => new HashSet<object> { key }.ToFrozenSet(),
        static key => new[] { key }.ToLookup(static one => one),
        static key => ImmutableHashSet.Create(key),
        static key => ImmutableSortedSet.Create(key),
        static key => ImmutableDictionary<object, int>.Empty.Add(key, 1),
        static key => ImmutableSortedDictionary<object, int>.Empty.Add(key, 1),
        static key => new PriorityQueue<int, object>([(1, key)]),
    ];

    [Fact]
    public void A_key_of_tuples_without_end_is_damage()
    {
        foreach (var make in s_collections)
        {
            Refuse(make, static _ => Chain(Deep, static inner => Tuple.Create(inner)));
            Refuse(make, static _ => Chain(Deep, static inner => ValueTuple.Create(inner)));
            Refuse(make, static _ => Chain(Deep, static inner => new KeyValuePair<object, int>(inner, 1)));
            Refuse(make, static key => key);
            Refuse(make, static key => Tuple.Create(1, key));
        }
    }

    [Fact]
    public void Keys_of_some_levels_are_read()
    {
        var key = Chain(50, static inner => Tuple.Create(inner));
        var read = ValueCodec.Decode<object>(
            ValueCodec.Encode<object>(new Dictionary<object, int> { [key] = 7 }, CodeSpace.Process), CodeSpace.Process);
        Assert.Equal(7, ((Dictionary<object, int>)read)[key]);
    }

    private static void Refuse(Func<object, object> make, Func<object, object> inside)
    {
        var key = Tuple.Create<object>("a");
        var collection = make(key);
        typeof(Tuple<object>).GetField("m_Item1", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(key, inside(key));
        var bytes = ValueCodec.Encode(collection, CodeSpace.Process);

        var error = Assert.Throws<InvalidDataException>(() => ValueCodec.Decode<object>(bytes, CodeSpace.Process));
        Assert.Contains("tuples in tuples", error.Message, StringComparison.Ordinal);
    }

    private static object Chain(int levels, Func<object, object> around)
    {
        object chain = 1;
        for (var i = 0; i < levels; i++)
        {
            chain = around(chain);
        }

        return chain;
    }
}
