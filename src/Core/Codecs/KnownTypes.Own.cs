using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MicroSpark.Codecs;

/// <content>The types that are more than their fields.</content>
internal static partial class KnownTypes
{
    /// <summary>Values that are more than their fields. Each has a codec made for it: see <see cref="BuiltInCodecs"/>.</summary>
    private static readonly FrozenSet<Type> s_own =
    [
        typeof(string), typeof(List<>), typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>), typeof(PriorityQueue<,>),
        typeof(Dictionary<,>), typeof(OrderedDictionary<,>), typeof(SortedDictionary<,>), typeof(SortedList<,>), typeof(HashSet<>),
        typeof(SortedSet<>), typeof(ConcurrentDictionary<,>), typeof(ConcurrentQueue<>), typeof(ConcurrentStack<>),
        typeof(ConcurrentBag<>), typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableQueue<>), typeof(ImmutableStack<>),
        typeof(ImmutableHashSet<>), typeof(ImmutableSortedSet<>), typeof(ImmutableDictionary<,>), typeof(ImmutableSortedDictionary<,>),
        typeof(FrozenSet<>), typeof(FrozenDictionary<,>), typeof(ReadOnlyDictionary<,>), typeof(Lookup<,>), typeof(EqualityComparer<>),
        typeof(Comparer<>), typeof(StringComparer), typeof(ReferenceEqualityComparer), typeof(DBNull), typeof(System.Threading.Lock),
        typeof(BigInteger), typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(BitArray), typeof(StringBuilder), typeof(Uri),
        typeof(Version), typeof(Regex), typeof(CultureInfo), typeof(Encoding), typeof(TimeZoneInfo), typeof(IPAddress),
        typeof(IPEndPoint), typeof(Type), typeof(JsonElement), typeof(JsonDocument), typeof(JsonNode), typeof(JsonObject),
        typeof(JsonArray), typeof(JsonValue),
    ];

    /// <summary>What Comparer.Create and EqualityComparer.Create make: their one field is a function, so only plans hold them.</summary>
    private static readonly Type[] s_ofFunctions =
        Internal("System.Collections.Generic.ComparisonComparer`1", "System.Collections.Generic.DelegateEqualityComparer`1");

    /// <summary>Internal types behind public ones that are their fields: what Random and comparers of functions are made of.</summary>
    private static readonly Type[] s_internals =
    [
        .. Internal(
            "System.Random+ImplBase", "System.Random+XoshiroImpl", "System.Random+CompatSeedImpl", "System.Random+CompatDerivedImpl",
            "System.Random+CompatPrng"),
        .. s_ofFunctions, typeof(Random),
    ];

    /// <summary>Framework classes that a user's class may derive from: their state is none, or plain fields.</summary>
    private static readonly Type[] s_bases =
    [
        typeof(object), typeof(ValueType), typeof(EqualityComparer<>), typeof(Comparer<>), typeof(StringComparer), typeof(List<>),
        typeof(Collection<>), typeof(ReadOnlyCollection<>), typeof(Random), typeof(Attribute), typeof(EventArgs),
    ];

    /// <summary>The types with a codec made for them. All others go by their fields or their memory.</summary>
    public static IReadOnlyCollection<Type> WithOwnCodec => s_own;

    public static bool HasOwnCodec(Type type) => s_own.Contains(DefinitionOf(type));

    public static bool IsInternalByFields(Type type) => Array.IndexOf(s_internals, DefinitionOf(type)) >= 0;

    /// <summary>Whether a type of the list holds code after all.</summary>
    public static bool HoldsFunction(Type type) => Array.IndexOf(s_ofFunctions, DefinitionOf(type)) >= 0;

    public static bool IsBase(Type type) =>
        typeof(Exception).IsAssignableFrom(type) || Array.IndexOf(s_bases, DefinitionOf(type)) >= 0;

    private static Type[] Internal(params string[] names) => [.. names.Select(typeof(object).Assembly.GetType).OfType<Type>()];
}
