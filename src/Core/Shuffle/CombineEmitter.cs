using System.Reflection.Emit;
using MicroSpark.Memory;
using MicroSpark.Stages;
using MicroSpark.Tables;

namespace MicroSpark.Shuffle;

/// <summary>
/// Emits what a <see cref="CombineSink{K, V, C}"/> does with pairs, so that the user's functions are called, and inlined, where their
/// values are.
/// </summary>
/// <param name="sink">The local that has the sink; null when the first argument is its address.</param>
/// <param name="firstFunction">The function that adds; the one that creates comes next.</param>
/// <param name="creates">Whether there is one.</param>
/// <param name="mayWait">See <see cref="IEmittingRunSink.MayWait"/>.</param>
internal sealed class CombineEmitter<K, V, C>(StageEmitter emitter, LocalBuilder? sink, int firstFunction, bool creates, bool mayWait)
{
    private readonly ILGenerator _il = emitter.IL;

    /// <summary>Combines the current pair, or lets it wait and combines the one that came first.</summary>
    public void EmitAdd()
    {
        if (IntegerKey<K>.Is && mayWait)
        {
            var came = _il.DefineLabel();
            PushSink();
            _il.Emit(OpCodes.Ldloca, emitter.Current);
            CallSink(nameof(CombineSink<K, V, C>.Exchange));
            _il.Emit(OpCodes.Brtrue, came);
            _il.Emit(OpCodes.Br, emitter.Continue);
            _il.MarkLabel(came);
        }

        if (typeof(K) == typeof(string) && EmitTextAhead() is { } hash)
        {
            EmitCombine(hash);
        }
        else
        {
            EmitCombine();
        }
    }

    /// <summary>
    /// For keys that are strings: asks for what the next ones lead to, where these are at hand, or lets the pair wait. Gives the local that
    /// has the hash of the current pair; null when neither is possible, or better is known.
    /// </summary>
    private LocalBuilder? EmitTextAhead()
    {
        var source = emitter.Hashes.SourceRun is { } run && run.Run.LocalType == typeof(ReadOnlySpan<(K, V)>) ? run : default;
        if (emitter.Hashes.Knows(typeof(K)) || (!mayWait && source.Run is null))
        {
            return null;
        }

        var hash = _il.DeclareLocal(typeof(ulong));
        PushSink();
        if (source.Run is not null)
        {
            _il.Emit(OpCodes.Ldloc, source.Run);
            _il.Emit(OpCodes.Ldloc, source.Index);
            CallSink(nameof(CombineSink<K, V, C>.HashAhead));
            _il.Emit(OpCodes.Stloc, hash);
            return hash;
        }

        var came = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloca, emitter.Current);
        _il.Emit(OpCodes.Ldloca, hash);
        CallSink(nameof(CombineSink<K, V, C>.ExchangeText));
        _il.Emit(OpCodes.Brtrue, came);
        _il.Emit(OpCodes.Br, emitter.Continue);
        _il.MarkLabel(came);
        return hash;
    }

    /// <summary>
    /// Two loops: once keys have places, one that is little more than <c>places[key] = add(places[key], value)</c>; before, the general
    /// one. The first is a method of its own: what it works with stays in registers.
    /// </summary>
    public void EmitAddRun(LocalBuilder run)
    {
        var general = _il.DefineLabel();
        var end = _il.DefineLabel();
        PushSink();
        CallSink(nameof(CombineSink<K, V, C>.HasPlaces));
        _il.Emit(OpCodes.Brfalse, general);
        emitter.CallApart(
            "AddRun",
            [(typeof(CombineSink<K, V, C>).MakeByRefType(), PushSink), (run.LocalType, () => _il.Emit(OpCodes.Ldloc, run))],
            firstFunction,
            creates ? 2 : 1,
            apart => new CombineEmitter<K, V, C>(apart, null, firstFunction, creates, mayWait).EmitMeetAtPlaces());
        _il.Emit(OpCodes.Br, end);

        _il.MarkLabel(general);
        emitter.ForEach(run, (pushPair, _) =>
        {
            pushPair();
            _il.Emit(OpCodes.Ldobj, typeof((K, V)));
            emitter.SetCurrent(typeof((K, V)));
            EmitCombine();
        });
        _il.MarkLabel(end);
    }

    /// <summary>Emits a method of a sink and a run: see <see cref="EmitAddRun"/>.</summary>
    private void EmitMeetAtPlaces()
    {
        var run = _il.DeclareLocal(typeof(ReadOnlySpan<(K, V)>));
        var places = _il.DeclareLocal(typeof(DirectPlaces<K, C>));
        var ahead = _il.DeclareLocal(typeof(int));
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Stloc, run);
        LoadPlaces(places);
        PushSink();
        CallSink(nameof(CombineSink<K, V, C>.Ahead));
        _il.Emit(OpCodes.Stloc, ahead);
        emitter.ForEach(run, (pushPair, i) =>
        {
            EmitPrefetch(places, run, i, ahead);
            EmitMeetAtPlace(places, pushPair);
        });
    }

    /// <summary><c>if (i + ahead &lt; run.Length) places.Prefetch(run[i + ahead].Key)</c>.</summary>
    private void EmitPrefetch(LocalBuilder places, LocalBuilder run, LocalBuilder i, LocalBuilder ahead)
    {
        var next = _il.DeclareLocal(typeof(int));
        var end = _il.DefineLabel();
        _il.Emit(OpCodes.Ldloc, i);
        _il.Emit(OpCodes.Ldloc, ahead);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Stloc, next);
        _il.Emit(OpCodes.Ldloc, next);
        _il.Emit(OpCodes.Ldloca, run);
        _il.Emit(OpCodes.Call, run.LocalType.GetProperty("Length")!.GetMethod!);
        _il.Emit(OpCodes.Bge_Un, end);
        CallPlaces(places, nameof(DirectPlaces<K, C>.Prefetch), () =>
        {
            _il.Emit(OpCodes.Ldloca, run);
            _il.Emit(OpCodes.Ldloc, next);
            _il.Emit(OpCodes.Call, run.LocalType.GetMethod("get_Item")!);
            _il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        });
        _il.MarkLabel(end);
    }

    /// <summary>Combines a pair at its place; one that has none goes where the sink says, which may give places to more keys.</summary>
    private void EmitMeetAtPlace(LocalBuilder places, Action pushPair)
    {
        var place = _il.DeclareLocal(typeof(nuint));
        var elsewhere = _il.DefineLabel();
        var fresh = _il.DefineLabel();

        void PushPlace() => _il.Emit(OpCodes.Ldloc, place);

        void PushSlot() => CallPlaces(places, nameof(DirectPlaces<K, C>.ValueAt), PushPlace);

        void PushValue()
        {
            pushPair();
            _il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
        }

        CallPlaces(places, nameof(DirectPlaces<K, C>.PlaceOf), () =>
        {
            pushPair();
            _il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        });
        _il.Emit(OpCodes.Stloc, place);
        CallPlaces(places, nameof(DirectPlaces<K, C>.Covers), PushPlace);
        _il.Emit(OpCodes.Brfalse, elsewhere);
        CallPlaces(places, nameof(DirectPlaces<K, C>.Has), PushPlace);
        _il.Emit(OpCodes.Brfalse, fresh);
        EmitAddTo(PushSlot, PushValue);
        _il.Emit(OpCodes.Br, emitter.Continue);

        _il.MarkLabel(fresh);
        CallPlaces(places, nameof(DirectPlaces<K, C>.Take), PushPlace);
        EmitCreateAt(PushSlot, PushValue);
        _il.Emit(OpCodes.Br, emitter.Continue);

        _il.MarkLabel(elsewhere);
        PushSink();
        pushPair();
        CallSink(nameof(CombineSink<K, V, C>.AddElsewhere));
        LoadPlaces(places);
    }

    /// <summary>Combines the current pair.</summary>
    /// <param name="known">The local that has the hash of its key; null when it is to be computed.</param>
    private void EmitCombine(LocalBuilder? known = null)
    {
        var pair = emitter.Current;
        var hash = known ?? _il.DeclareLocal(typeof(ulong));
        var slot = _il.DeclareLocal(typeof(C).MakeByRefType());
        var exists = _il.DeclareLocal(typeof(bool));
        var combines = _il.DefineLabel();
        var found = _il.DefineLabel();
        var fresh = _il.DefineLabel();

        void PushKey()
        {
            _il.Emit(OpCodes.Ldloc, pair);
            _il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item1")!);
        }

        void PushValue()
        {
            _il.Emit(OpCodes.Ldloc, pair);
            _il.Emit(OpCodes.Ldfld, typeof(ValueTuple<K, V>).GetField("Item2")!);
        }

        void PushSlot() => _il.Emit(OpCodes.Ldloc, slot);

        PushSink();
        CallSink(nameof(CombineSink<K, V, C>.MakeRoom));
        if (IntegerKey<K>.Is)
        {
            PushSink();
            PushKey();
            _il.Emit(OpCodes.Ldloca, exists);
            CallSink(nameof(CombineSink<K, V, C>.Direct));
            _il.Emit(OpCodes.Stloc, slot);
            _il.Emit(OpCodes.Ldloc, slot);
            _il.Emit(OpCodes.Ldc_I4_0);
            _il.Emit(OpCodes.Conv_U);
            _il.Emit(OpCodes.Bne_Un, found);
        }

        if (known is null)
        {
            PrefetchAhead();
            emitter.Hashes.Push(typeof(K), PushKey);
            _il.Emit(OpCodes.Stloc, hash);
        }

        PushSink();
        CallSink(nameof(CombineSink<K, V, C>.Logs));
        _il.Emit(OpCodes.Brfalse, combines);
        PushSink();
        _il.Emit(OpCodes.Ldloc, pair);
        _il.Emit(OpCodes.Ldloc, hash);
        CallSink(nameof(CombineSink<K, V, C>.Log));
        _il.Emit(OpCodes.Br, emitter.Continue);

        _il.MarkLabel(combines);
        PushSink();
        PushKey();
        _il.Emit(OpCodes.Ldloc, hash);
        _il.Emit(OpCodes.Ldloca, exists);
        CallSink(nameof(CombineSink<K, V, C>.Slot));
        _il.Emit(OpCodes.Stloc, slot);

        _il.MarkLabel(found);
        _il.Emit(OpCodes.Ldloc, exists);
        _il.Emit(OpCodes.Brfalse, fresh);
        EmitAddTo(PushSlot, PushValue);
        _il.Emit(OpCodes.Br, emitter.Continue);

        _il.MarkLabel(fresh);
        EmitCreateAt(PushSlot, PushValue);
    }

    /// <summary><c>slot = add(slot, value)</c>.</summary>
    private void EmitAddTo(Action pushSlot, Action pushValue)
    {
        pushSlot();
        emitter.Call(firstFunction, () =>
        {
            pushSlot();
            _il.Emit(OpCodes.Ldobj, typeof(C));
            pushValue();
        });
        _il.Emit(OpCodes.Stobj, typeof(C));
    }

    /// <summary><c>slot = create(value)</c>; without such a function the value itself.</summary>
    private void EmitCreateAt(Action pushSlot, Action pushValue)
    {
        pushSlot();
        if (creates)
        {
            emitter.Call(firstFunction + 1, pushValue);
        }
        else
        {
            pushValue();
        }

        _il.Emit(OpCodes.Stobj, typeof(C));
    }

    private void PrefetchAhead()
    {
        PushSink();
        if (emitter.Hashes.TryPushAhead(typeof(K), Prefetch.Distance) && emitter.Hashes.TryPushAhead(typeof(K), 2 * Prefetch.Distance))
        {
            CallSink(nameof(CombineSink<K, V, C>.Prefetch));
        }
        else
        {
            _il.Emit(OpCodes.Pop);
        }
    }

    private void LoadPlaces(LocalBuilder places)
    {
        PushSink();
        CallSink(nameof(CombineSink<K, V, C>.Places));
        _il.Emit(OpCodes.Stloc, places);
    }

    private void CallPlaces(LocalBuilder places, string method, Action? pushArgument = null)
    {
        _il.Emit(OpCodes.Ldloca, places);
        pushArgument?.Invoke();
        _il.Emit(OpCodes.Call, typeof(DirectPlaces<K, C>).GetMethod(method)!);
    }

    private void PushSink()
    {
        if (sink is null)
        {
            _il.Emit(OpCodes.Ldarg_0);
        }
        else
        {
            _il.Emit(OpCodes.Ldloca, sink);
        }
    }

    private void CallSink(string method) => _il.Emit(OpCodes.Call, typeof(CombineSink<K, V, C>).GetMethod(method)!);
}
