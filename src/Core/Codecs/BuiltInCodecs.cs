using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MicroSpark.Codecs.Collections;
using MicroSpark.Codecs.Leaves;

namespace MicroSpark.Codecs;

/// <summary>The codecs of this room, as two rules: what a type says itself, and what its shape leaves.</summary>
internal static class BuiltInCodecs
{
    /// <summary>The codecs made for the types that <see cref="KnownTypes.WithOwnCodec"/> lists.</summary>
    private static readonly Dictionary<Type, Type> s_known = new()
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
        [typeof(JsonElement)] = typeof(JsonElementCodec),
        [typeof(JsonDocument)] = typeof(JsonDocumentCodec),
        [typeof(JsonNode)] = typeof(AbstractCodec<JsonNode>),
        [typeof(JsonObject)] = typeof(JsonNodeCodec<JsonObject>),
        [typeof(JsonArray)] = typeof(JsonNodeCodec<JsonArray>),
        [typeof(JsonValue)] = typeof(JsonNodeCodec<JsonValue>),
    };

    public static IReadOnlyCollection<Type> Known => s_known.Keys;

#pragma warning disable CA2255 // The rule keeps libraries from work that their users do not expect; this adds to a table of our own.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void AddRules()
    {
        CodecRules.Add(CodecRank.Stated, Stated);
        CodecRules.Add(CodecRank.Shape, OfShape);
    }

    private static Codec? Stated(Type type)
    {
        if (Refusals.Of(type) is { } refusal)
        {
            return Refused(type, refusal);
        }

        if (Formatters.Of(type) is { } formatter)
        {
            return Formatted.CodecFor(type, formatter);
        }

        if (s_known.TryGetValue(KnownTypes.DefinitionOf(type), out var known))
        {
            return CodecRules.Make(known, type.GenericTypeArguments);
        }

        return EncodedByAttribute.CodecFor(type) is { } own ? CodecRules.Make(own, type.GenericTypeArguments) : null;
    }

    private static Codec OfShape(Type type)
    {
        if (type.IsArray)
        {
            return type.IsSZArray
                ? CodecRules.Make(typeof(ArrayCodec<>), [type.GetElementType()!])
                : CodecRules.Make(typeof(MatrixCodec<,>), [type, type.GetElementType()!]);
        }

        if (type == typeof(object))
        {
            return new AbstractCodec<object> { OfPlain = new PlainObjectCodec<object>() };
        }

        if (type.IsInterface || type.IsAbstract)
        {
            return CodecRules.Make(typeof(AbstractCodec<>), [type]);
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return CodecRules.Make(typeof(DelegateCodec<>), [type]);
        }

        if (typeof(Exception).IsAssignableFrom(type))
        {
            return CodecRules.Make(typeof(ExceptionCodec<>), [type]);
        }

        return RawLayout.IsRaw(type) ? CodecRules.Make(typeof(RawCodec<>), [type])
            : type.IsValueType ? CodecRules.Make(typeof(StructFieldsCodec<>), [type])
            : CodecRules.Make(typeof(ClassFieldsCodec<>), [type]);
    }

    private static Codec Refused(Type type, string reason) => CodecRules.Make(typeof(RefusedCodec<>), [type], reason);
}
