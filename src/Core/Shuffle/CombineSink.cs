using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using MicroSpark.Hashing;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Combines pairs by key as they come: <c>slot = exists ? add(slot, value) : create(value)</c>. Without <see cref="Create"/> the first
/// value itself is the start.
/// </summary>
internal struct CombineSink<K, V, C> : ISink<(K Key, V Value)>, IEmittingSink
{
    public CombineTable<K, C> Table;
    public Func<V, C>? Create;
    public Func<C, V, C> Combine;

    public CombineSink(Func<V, C>? create, Func<C, V, C> combine)
    {
        // Before the loop that hashes is compiled: the JIT then sees through the hasher.
        StableHash<K>.Prepare();
        Table = new CombineTable<K, C>();
        Create = create;
        Combine = combine;
    }

    public readonly Delegate[] Functions => Create is null ? [Combine] : [Combine, Create];

    public readonly bool Add((K Key, V Value) item)
    {
        ref var slot = ref Slot(item.Key, StableHash<K>.Of(item.Key), out var exists);
        slot = exists ? Combine(slot, item.Value) : Create is null ? Unsafe.As<V, C>(ref item.Value) : Create(item.Value);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref C Slot(K key, ulong hash, out bool exists) => ref Table.Slot(key, hash, out exists);

    public readonly void EmitAdd(StageEmitter emitter, LocalBuilder sink, int firstFunction)
    {
        var il = emitter.IL;
        var pair = emitter.Current;
        var slot = il.DeclareLocal(typeof(C).MakeByRefType());
        var exists = il.DeclareLocal(typeof(bool));
        var fresh = il.DefineLabel();
        var end = il.DefineLabel();

        void PushValue()
        {
            il.Emit(OpCodes.Ldloc, pair);
            il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
        }

        il.Emit(OpCodes.Ldloca, sink);
        il.Emit(OpCodes.Ldloc, pair);
        il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        emitter.PushStableHash(typeof(K), () =>
        {
            il.Emit(OpCodes.Ldloc, pair);
            il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        });
        il.Emit(OpCodes.Ldloca, exists);
        il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(nameof(Slot))!);
        il.Emit(OpCodes.Stloc, slot);
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
        if (Create is null)
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
}
