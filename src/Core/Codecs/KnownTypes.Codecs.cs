using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using MicroSpark.Codecs.Collections;
using MicroSpark.Codecs.Leaves;

namespace MicroSpark.Codecs;

/// <content>The types that are more than their fields, each with its codec.</content>
internal static partial class KnownTypes
{
    private static readonly Dictionary<Type, Type> s_codecs = new()
    {
        [typeof(string)] = typeof(StringCodec),
        [typeof(List<>)] = typeof(ListCodec<>),
        [typeof(Queue<>)] = typeof(QueueCodec<>),
        [typeof(Stack<>)] = typeof(StackCodec<>),
        [typeof(LinkedList<>)] = typeof(LinkedListCodec<>),
        [typeof(PriorityQueue<,>)] = typeof(PriorityQueueCodec<,>),
        [typeof(Dictionary<,>)] = typeof(DictionaryCodec<,>),
        [typeof(OrderedDictionary<,>)] = typeof(OrderedDictionaryCodec<,>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryCodec<,>),
        [typeof(SortedList<,>)] = typeof(SortedListCodec<,>),
        [typeof(HashSet<>)] = typeof(HashSetCodec<>),
        [typeof(SortedSet<>)] = typeof(SortedSetCodec<>),
        [typeof(ConcurrentDictionary<,>)] = typeof(ConcurrentDictionaryCodec<,>),
        [typeof(ConcurrentQueue<>)] = typeof(ConcurrentQueueCodec<>),
        [typeof(ConcurrentStack<>)] = typeof(ConcurrentStackCodec<>),
        [typeof(ConcurrentBag<>)] = typeof(ConcurrentBagCodec<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayCodec<>),
        [typeof(ImmutableList<>)] = typeof(ImmutableListCodec<>),
        [typeof(ImmutableQueue<>)] = typeof(ImmutableQueueCodec<>),
        [typeof(ImmutableStack<>)] = typeof(ImmutableStackCodec<>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSetCodec<>),
        [typeof(ImmutableSortedSet<>)] = typeof(ImmutableSortedSetCodec<>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryCodec<,>),
        [typeof(ImmutableSortedDictionary<,>)] = typeof(ImmutableSortedDictionaryCodec<,>),
        [typeof(FrozenSet<>)] = typeof(FrozenSetCodec<>),
        [typeof(FrozenDictionary<,>)] = typeof(FrozenDictionaryCodec<,>),
        [typeof(ReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaryCodec<,>),
        [typeof(Lookup<,>)] = typeof(LookupCodec<,>),
        [typeof(EqualityComparer<>)] = typeof(DefaultEqualityCodec<>),
        [typeof(Comparer<>)] = typeof(DefaultOrderCodec<>),
        [typeof(StringComparer)] = typeof(StringComparerCodec),
        [typeof(ReferenceEqualityComparer)] = typeof(SingletonCodec<ReferenceEqualityComparer>),
        [typeof(DBNull)] = typeof(SingletonCodec<DBNull>),
        [typeof(System.Threading.Lock)] = typeof(PlainObjectCodec<System.Threading.Lock>),
        [typeof(BigInteger)] = typeof(BigIntegerCodec),
        [typeof(Memory<>)] = typeof(MemoryCodec<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryCodec<>),
        [typeof(BitArray)] = typeof(BitArrayCodec),
        [typeof(StringBuilder)] = typeof(StringBuilderCodec),
        [typeof(Uri)] = typeof(UriCodec),
        [typeof(Version)] = typeof(VersionCodec),
        [typeof(Regex)] = typeof(RegexCodec),
        [typeof(CultureInfo)] = typeof(CultureCodec),
        [typeof(Encoding)] = typeof(EncodingCodec),
        [typeof(TimeZoneInfo)] = typeof(TimeZoneCodec),
        [typeof(IPAddress)] = typeof(IPAddressCodec),
        [typeof(IPEndPoint)] = typeof(IPEndPointCodec),
        [typeof(Type)] = typeof(TypeCodec),
    };

    /// <summary>Internal types behind public ones that are their fields: what Random and Comparer.Create are made of.</summary>
    private static readonly Type[] s_internals =
    [
        .. ((string[])
        [
            "System.Random+ImplBase", "System.Random+XoshiroImpl", "System.Random+CompatSeedImpl", "System.Random+CompatDerivedImpl",
            "System.Random+CompatPrng", "System.Collections.Generic.ComparisonComparer`1",
            "System.Collections.Generic.DelegateEqualityComparer`1",
        ]).Select(static name => typeof(object).Assembly.GetType(name)).OfType<Type>(), typeof(Random),
    ];

    /// <summary>Framework classes that a user's class may derive from: their state is none, or plain fields.</summary>
    private static readonly Type[] s_bases =
    [
        typeof(object), typeof(ValueType), typeof(EqualityComparer<>), typeof(Comparer<>), typeof(StringComparer), typeof(List<>),
        typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(Random), typeof(Attribute), typeof(EventArgs),
    ];

    /// <summary>The codec made for this type; null when it goes by its fields or its memory.</summary>
    public static Type? CodecFor(Type type) => s_codecs.GetValueOrDefault(DefinitionOf(type));

    public static bool HasOwnCodec(Type type) => CodecFor(type) is not null;

    public static bool IsInternalByFields(Type type) => Array.IndexOf(s_internals, DefinitionOf(type)) >= 0;

    public static bool IsBase(Type type) =>
        typeof(Exception).IsAssignableFrom(type) || Array.IndexOf(s_bases, DefinitionOf(type)) >= 0;
}
