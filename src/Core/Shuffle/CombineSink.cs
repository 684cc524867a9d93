using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Hashing;
using MicroSpark.Readers;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Combines pairs by key as they come: <c>slot = exists ? add(slot, value) : create(value)</c>, or logs them when the combiner says so.
/// Without a create function the first value itself is the start.
/// </summary>
/// <remarks>
/// Pairs that come in runs are combined by a loop over the run, which asks for places some pairs ahead. Pairs may also come one by one.
/// When their places are likely out of the cache, a compiled loop then lets them wait for a moment. Each place is asked for when its pair
/// comes, and is there when the pair is combined. The order stays. Functions that can throw keep no pair waiting, because the error names
/// the element of the call. Nor do values that refer to objects, which may change meanwhile.
/// </remarks>
internal struct CombineSink<K, V, C> : ISink<(K Key, V Value)>, IEmittingRunSink, ITakesAll
{
    /// <summary>Pairs that wait: about as many as are combined during a cache miss. A power of 2.</summary>
    private const int Waiting = 16;

    /// <summary>Tables up to so many strings are in the cache with all that they refer to.</summary>
    private const int FewTexts = 1 << 12;

    private readonly Combiner<K, V, C> _combiner;
    private readonly CombineTable<K, C> _table;
    private readonly DirectTable<K, C> _direct;
    private readonly Func<V, C>? _create;
    private readonly Func<C, V, C> _add;
    private (K Key, V Value)[]? _waiting;
    private long _came;
    private TextWaiting<K, V>? _texts;
    private TextsAhead? _ahead;

    public CombineSink(Combiner<K, V, C> combiner, Func<V, C>? create, Func<C, V, C> add)
    {
        // Before the loop that hashes is compiled: the JIT then sees through the hasher.
        StableHash<K>.Prepare();
        _combiner = combiner;
        _table = combiner.Table;
        _direct = combiner.Direct;
        _create = create;
        _add = add;
    }

    public readonly Delegate[] Functions => _create is null ? [_add] : [_add, _create];

    public readonly bool TakesRuns => IntegerKey<K>.Is;

    public readonly bool MayWait(StageEmitter emitter, int firstFunction) =>
        !RuntimeHelpers.IsReferenceOrContainsReferences<V>() && !emitter.CanThrow(firstFunction)
            && (_create is null || !emitter.CanThrow(firstFunction + 1));

    public readonly bool Add((K Key, V Value) item)
    {
        MakeRoom();
        ref var slot = ref Direct(item.Key, out var exists);
        if (Unsafe.IsNullRef(ref slot))
        {
            var hash = StableHash<K>.Of(item.Key);
            if (Logs())
            {
                Log(item, hash);
                return true;
            }

            slot = ref Slot(item.Key, hash, out exists)!;
        }

        slot = exists ? _add(slot, item.Value) : _create is null ? Unsafe.As<V, C>(ref item.Value) : _create(item.Value);
        return true;
    }

    /// <summary>Takes a pair whose key has no place of its own. Such pairs are rare, so this is not in the loop's own code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly void AddElsewhere(ref readonly (K Key, V Value) item) => Add(item);

    /// <summary>Whether keys have places of their own.</summary>
    public readonly bool HasPlaces() => _direct.Places().Any;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly DirectPlaces<K, C> Places() => _direct.Places();

    /// <summary>How many pairs ahead of its use a place is asked for; out of reach when all are in the core's cache.</summary>
    public readonly int Ahead() => _direct.IsLarge ? Waiting : int.MaxValue / 2;

    /// <summary>Takes a pair to wait, and gives the one that came first. False when there is none yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Exchange(ref (K Key, V Value) pair)
    {
        if (_waiting is null)
        {
            if (!_direct.IsLarge)
            {
                return true;
            }

            _waiting = new (K, V)[Waiting];
        }

        _direct.Prefetch(pair.Key);
        ref var place = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_waiting), (int)_came & (Waiting - 1));
        var first = place;
        place = pair;
        pair = first;
        return ++_came > Waiting;
    }

    /// <summary>
    /// <see cref="Exchange"/> for keys that are strings, with the hash of the pair that is to be combined. The table may be small when it
    /// begins, but what its keys refer to is not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ExchangeText(ref (K Key, V Value) pair, out ulong hash)
    {
        if (_texts is null)
        {
            if (_table.Capacity < FewTexts)
            {
                hash = StableHash<K>.Of(pair.Key);
                return true;
            }

            _texts = new TextWaiting<K, V>();
        }

        return _texts.Exchange(ref pair, _table, !_combiner.IsSplit, out hash);
    }

    /// <summary>The hash of a key that is a string, when the pairs behind it are at hand: what they lead to is asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashAhead(ReadOnlySpan<(K Key, V Value)> run, int at) =>
        (_ahead ??= new TextsAhead()).HashOf(run, at, _table, !_combiner.IsSplit);

    /// <summary>Combines what still waits. Called when all has come.</summary>
    public void Complete()
    {
        if (_texts is { } texts)
        {
            foreach (var pair in texts.Rest)
            {
                Add(pair);
            }

            texts.Clear();
        }

        for (var i = Math.Max(0, _came - Waiting); i < _came; i++)
        {
            Add(_waiting![i & (Waiting - 1)]);
        }

        _came = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void MakeRoom() => _combiner.MakeRoom();

    /// <summary>A null reference when the key has no place of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref C Direct(K key, out bool exists)
    {
        if (IntegerKey<K>.Is)
        {
            return ref _direct.Slot(key, out exists);
        }

        exists = false;
        return ref Unsafe.NullRef<C>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Logs() => _combiner.Logs();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Log((K Key, V Value) item, ulong hash) => _combiner.Log(item, hash);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(ulong near, ulong far) => _table.Prefetch(near, far);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref C Slot(K key, ulong hash, out bool exists) => ref _table.Slot(key, hash, out exists);

    public readonly void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction) =>
        Emitter(emitter, sink, firstFunction).EmitAdd();

    public readonly void EmitAddRun(StageEmitter emitter, LocalBuilder sink, LocalBuilder run, int firstFunction) =>
        Emitter(emitter, sink, firstFunction).EmitAddRun(run);

    private readonly CombineEmitter<K, V, C> Emitter(StageEmitter emitter, LocalBuilder sink, int firstFunction) =>
        new(emitter, sink, firstFunction, _create is not null, MayWait(emitter, firstFunction));
}
