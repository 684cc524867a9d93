using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MicroSpark.Hashing;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Combines pairs by key as they come: <c>slot = exists ? add(slot, value) : create(value)</c>, or logs them when the combiner says so. Without a
/// create function the first value itself is the start.
/// </summary>
/// <remarks>
/// A compiled loop lets pairs wait for a moment when their places are likely out of the cache: each place is asked for when its pair comes and is there
/// when it is combined. The order stays. Functions that can throw keep no pair waiting, for the error names the element that it was called for.
/// </remarks>
internal struct CombineSink<K, V, C> : ISink<(K Key, V Value)>, IEmittingSink, ITakesAll
{
    /// <summary>Pairs that wait: about what is combined during a miss. A power of 2.</summary>
    private const int Waiting = 16;

    private readonly Combiner<K, V, C> _combiner;
    private readonly CombineTable<K, C> _table;
    private readonly DirectTable<K, C> _direct;
    private readonly Func<V, C>? _create;
    private readonly Func<C, V, C> _add;
    private (K Key, V Value)[]? _waiting;
    private long _came;

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

    public readonly bool Add((K Key, V Value) item)
    {
        MakeRoom();
        ref C slot = ref Direct(item.Key, out var exists);
        if (Unsafe.IsNullRef(ref slot))
        {
            var hash = StableHash<K>.Of(item.Key);
            if (Logs())
            {
                Log(item, hash);
                return true;
            }

            slot = ref Slot(item.Key, hash, out exists);
        }

        slot = exists ? _add(slot, item.Value) : _create is null ? Unsafe.As<V, C>(ref item.Value) : _create(item.Value);
        return true;
    }

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

    /// <summary>Combines what still waits. Called when all has come.</summary>
    public void Complete()
    {
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

    public readonly void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction)
    {
        var il = emitter.IL;
        var pair = emitter.Current;
        var hash = il.DeclareLocal(typeof(ulong));
        var slot = il.DeclareLocal(typeof(C).MakeByRefType());
        var exists = il.DeclareLocal(typeof(bool));
        var combines = il.DefineLabel();
        var found = il.DefineLabel();
        var fresh = il.DefineLabel();
        var end = il.DefineLabel();

        void PushKey()
        {
            il.Emit(OpCodes.Ldloc, pair);
            il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        }

        void PushValue()
        {
            il.Emit(OpCodes.Ldloc, pair);
            il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
        }

        if (IntegerKey<K>.Is && !emitter.CanThrow(firstFunction) && (_create is null || !emitter.CanThrow(firstFunction + 1)))
        {
            il.Emit(OpCodes.Ldloca, sink);
            il.Emit(OpCodes.Ldloca, pair);
            il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Exchange))!);
            il.Emit(OpCodes.Brfalse, end);
        }

        il.Emit(OpCodes.Ldloca, sink);
        il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(MakeRoom))!);
        if (IntegerKey<K>.Is)
        {
            il.Emit(OpCodes.Ldloca, sink);
            PushKey();
            il.Emit(OpCodes.Ldloca, exists);
            il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Direct))!);
            il.Emit(OpCodes.Stloc, slot);
            il.Emit(OpCodes.Ldloc, slot);
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Bne_Un, found);
        }

        PrefetchAhead(emitter, sink);
        emitter.PushStableHash(typeof(K), PushKey);
        il.Emit(OpCodes.Stloc, hash);
        il.Emit(OpCodes.Ldloca, sink);
        il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Logs))!);
        il.Emit(OpCodes.Brfalse, combines);
        il.Emit(OpCodes.Ldloca, sink);
        il.Emit(OpCodes.Ldloc, pair);
        il.Emit(OpCodes.Ldloc, hash);
        il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Log))!);
        il.Emit(OpCodes.Br, end);

        il.MarkLabel(combines);
        il.Emit(OpCodes.Ldloca, sink);
        PushKey();
        il.Emit(OpCodes.Ldloc, hash);
        il.Emit(OpCodes.Ldloca, exists);
        il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Slot))!);
        il.Emit(OpCodes.Stloc, slot);

        il.MarkLabel(found);
        il.Emit(OpCodes.Ldloc, exists);
        il.Emit(OpCodes.Brfalse, fresh);
        il.Emit(OpCodes.Ldloc, slot);
        emitter.Call(firstFunction, () =>
        {
            il.Emit(OpCodes.Ldloc, slot);
            il.Emit(OpCodes.Ldobj, typeof(C));
            PushValue();
        });
        il.Emit(OpCodes.Stobj, typeof(C));
        il.Emit(OpCodes.Br, end);

        il.MarkLabel(fresh);
        il.Emit(OpCodes.Ldloc, slot);
        if (_create is null)
        {
            PushValue();
        }
        else
        {
            emitter.Call(firstFunction + 1, PushValue);
        }

        il.Emit(OpCodes.Stobj, typeof(C));
        il.MarkLabel(end);
    }

    private static void PrefetchAhead(StageEmitter emitter, LocalBuilder sink)
    {
        emitter.IL.Emit(OpCodes.Ldloca, sink);
        if (emitter.TryPushHashAhead(typeof(K), Tables.Prefetch.Distance) && emitter.TryPushHashAhead(typeof(K), 2 * Tables.Prefetch.Distance))
        {
            emitter.IL.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Prefetch))!);
        }
        else
        {
            emitter.IL.Emit(OpCodes.Pop);
        }
    }
}
