using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Stages.Splitting;

namespace MicroSpark.Stages;

/// <summary>One compiled stage: runs all elements of a reader through the operators into the sink.</summary>
internal delegate void FusedLoop<TSink>(object reader, object?[] targets, ref TSink sink, TaskProgress progress)
    where TSink : struct;

/// <summary>
/// Compiles a chain of operators into one loop:
/// <code>
/// var s = sink;
/// while (reader.Next(out run))
///     for (i = 0; i &lt; run.Length; i++) { element = run[i]; ...operators...; if (!s.Add(element)) goto done; }
/// done: sink = s;
/// </code>
/// The sink is a local so that its fields live in registers. A range needs no reader: its loop is arithmetic.
/// </summary>
internal static class LoopCompiler
{
    /// <summary>Elements between two looks at the cancellation token.</summary>
    private const int RunLimit = 65_536;

    private static readonly FieldInfo s_index = typeof(TaskProgress).GetField(nameof(TaskProgress.Index))!;
    private static readonly FieldInfo s_base = typeof(TaskProgress).GetField(nameof(TaskProgress.Base))!;
    private static readonly MethodInfo s_throwIfCancelled = typeof(TaskProgress).GetMethod(nameof(TaskProgress.ThrowIfCancelled))!;

    public static FusedLoop<TSink> Compile<TSink>(
        Type readerType, Type sourceType, IReadOnlyList<IFusedNode> operators, IReadOnlyList<FunctionShape> functions, IReadOnlyList<int> firstFunction,
        TSink sink)
        where TSink : struct
    {
        var method = new DynamicMethod(
            "Stage", typeof(void), [typeof(object), typeof(object[]), typeof(TSink).MakeByRefType(), typeof(TaskProgress)],
            typeof(LoopCompiler).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var targets = LoadTargets(il, functions);
        var canThrow = functions.Any(f => ThrowAnalysis.CanThrow(f.Method)) || operators.Any(o => o is IThrowingNode);
        var sinkLocal = il.DeclareLocal(typeof(TSink));
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldobj, typeof(TSink));
        il.Emit(OpCodes.Stloc, sinkLocal);
        var done = il.DefineLabel();
        var emitter = new StageEmitter(il, targets, functions) { Done = done, TakesAll = sink is ITakesAll };

        var runTaken = false;
        Action<LocalBuilder>? addRun = sink is IEmittingRunSink { TakesRuns: true } ? AddRun : null;
        emitter.SinkWaits = sink is IEmittingRunSink runSink && runSink.MayWait(emitter, firstFunction[operators.Count]);

        void MarkSink() => emitter.MarkOperator(operators.Count, canThrow || sink is IEmittingSink);

        void AddRun(LocalBuilder run)
        {
            MarkSink();
            ((IEmittingRunSink)sink).EmitAddRun(emitter, sinkLocal, run, firstFunction[operators.Count]);
            runTaken = true;
        }

        void Body()
        {
            // A reader of words has done the first operator's work.
            for (var i = readerType == typeof(WordReader) ? 1 : 0; i < operators.Count; i++)
            {
                emitter.SinkOfRun = i == operators.Count - 1 ? addRun : null;
                emitter.MarkOperator(i, canThrow);
                operators[i].Emit(emitter, firstFunction[i]);
            }

            if (!runTaken)
            {
                MarkSink();
                EmitAdd(emitter, sink, sinkLocal, firstFunction[operators.Count]);
            }

            emitter.CloseLoops();
        }

        if (readerType == typeof(RangeReader))
        {
            EmitRange(il, emitter, canThrow, Body);
        }
        else
        {
            // An error names its element: a loop that may fail says which one it is at.
            EmitRuns(il, emitter, readerType, sourceType, canThrow, Body, operators.Count == 0 && !canThrow ? addRun : null);
        }

        il.MarkLabel(done);
        emitter.TakeRests();
        emitter.StopSpreads();
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldloc, sinkLocal);
        il.Emit(OpCodes.Stobj, typeof(TSink));
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<FusedLoop<TSink>>();
    }

    private static LocalBuilder?[] LoadTargets(ILGenerator il, IReadOnlyList<FunctionShape> functions)
    {
        var targets = new LocalBuilder?[functions.Count];
        for (var i = 0; i < targets.Length; i++)
        {
            if (functions[i].TargetType is { } type)
            {
                targets[i] = il.DeclareLocal(type);
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Ldelem_Ref);
                il.Emit(type.IsValueType ? OpCodes.Unbox_Any : OpCodes.Castclass, type);
                il.Emit(OpCodes.Stloc, targets[i]!);
            }
        }

        return targets;
    }

    private static void EmitAdd<TSink>(StageEmitter emitter, TSink sink, LocalBuilder sinkLocal, int firstFunction)
        where TSink : struct
    {
        if (sink is IEmittingSink emitting)
        {
            emitting.EmitAdd(emitter, sinkLocal, firstFunction);
            return;
        }

        emitter.IL.Emit(OpCodes.Ldloca, sinkLocal);
        emitter.IL.Emit(OpCodes.Ldloc, emitter.Current);
        emitter.IL.Emit(OpCodes.Call, typeof(TSink).GetMethod("Add")!);
        emitter.IL.Emit(OpCodes.Brfalse, emitter.Done);
    }

    /// <summary>Blocks of <see cref="RunLimit"/> numbers; the inner loop is plain arithmetic.</summary>
    private static void EmitRange(ILGenerator il, StageEmitter emitter, bool mark, Action body)
    {
        var reader = il.DeclareLocal(typeof(RangeReader));
        var value = il.DeclareLocal(typeof(long));
        var step = il.DeclareLocal(typeof(long));
        var left = il.DeclareLocal(typeof(long));
        var inBlock = il.DeclareLocal(typeof(int));
        var index = il.DeclareLocal(typeof(long));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, typeof(RangeReader));
        il.Emit(OpCodes.Stloc, reader);
        Load(reader, nameof(RangeReader.Start), value);
        Load(reader, nameof(RangeReader.Step), step);
        Load(reader, nameof(RangeReader.Count), left);

        StartIndex(il, index);
        var block = il.DefineLabel();
        var element = il.DefineLabel();
        var next = il.DefineLabel();
        il.MarkLabel(block);
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Ble, emitter.Done);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, s_throwIfCancelled);
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Ldc_I4, RunLimit);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Call, typeof(Math).GetMethod(nameof(Math.Min), [typeof(long), typeof(long)])!);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Stloc, inBlock);
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Ldloc, inBlock);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, left);

        il.MarkLabel(element);
        MarkIndex(il, index, mark);
        il.Emit(OpCodes.Ldloc, value);
        emitter.SetCurrent(typeof(long));
        emitter.Continue = next;
        body();

        il.MarkLabel(next);
        Increment(il, value, step);
        if (mark)
        {
            Increment(il, index, null);
        }

        il.Emit(OpCodes.Ldloc, inBlock);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, inBlock);
        il.Emit(OpCodes.Ldloc, inBlock);
        il.Emit(OpCodes.Brtrue, element);
        il.Emit(OpCodes.Br, block);

        void Load(LocalBuilder from, string property, LocalBuilder to)
        {
            il.Emit(OpCodes.Ldloc, from);
            il.Emit(OpCodes.Call, typeof(RangeReader).GetProperty(property)!.GetMethod!);
            il.Emit(OpCodes.Stloc, to);
        }
    }

    /// <param name="takeRun">Emits what takes whole runs; null to go through their elements with <paramref name="body"/>.</param>
    private static void EmitRuns(
        ILGenerator il, StageEmitter emitter, Type exactReader, Type sourceType, bool mark, Action body, Action<LocalBuilder>? takeRun)
    {
        var readsWords = exactReader == typeof(WordReader);
        var readerType = readsWords ? exactReader : typeof(ChunkReader<>).MakeGenericType(sourceType);
        var spanType = typeof(ReadOnlySpan<>).MakeGenericType(sourceType);
        var reader = il.DeclareLocal(readerType);

        // Filled through its address, and copied into a local that lives in registers.
        var read = il.DeclareLocal(spanType);
        var run = il.DeclareLocal(spanType);
        var hashes = readsWords ? il.DeclareLocal(typeof(ulong[])) : null;
        var i = il.DeclareLocal(typeof(int));
        var index = il.DeclareLocal(typeof(long));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, readerType);
        il.Emit(OpCodes.Stloc, reader);

        StartIndex(il, index);
        var nextRun = il.DefineLabel();
        var element = il.DefineLabel();
        var test = il.DefineLabel();
        var next = il.DefineLabel();
        il.MarkLabel(nextRun);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, s_throwIfCancelled);
        emitter.MarkOperator(-1, mark);
        il.Emit(OpCodes.Ldloc, reader);
        il.Emit(OpCodes.Ldc_I4, RunLimit);
        il.Emit(OpCodes.Ldloca, read);
        il.Emit(OpCodes.Callvirt, readerType.GetMethod("Next")!);
        il.Emit(OpCodes.Brfalse, emitter.Done);
        il.Emit(OpCodes.Ldloc, read);
        il.Emit(OpCodes.Stloc, run);
        if (takeRun is not null)
        {
            takeRun(run);
            il.Emit(OpCodes.Br, nextRun);
            return;
        }

        if (hashes is not null)
        {
            il.Emit(OpCodes.Ldloc, reader);
            il.Emit(OpCodes.Call, typeof(WordReader).GetProperty(nameof(WordReader.Hashes))!.GetMethod!);
            il.Emit(OpCodes.Stloc, hashes);
        }

        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Stloc, i);
        il.Emit(OpCodes.Br, test);

        il.MarkLabel(element);
        MarkIndex(il, index, mark);
        il.Emit(OpCodes.Ldloca, run);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Call, spanType.GetMethod("get_Item")!);
        il.Emit(OpCodes.Ldobj, sourceType);
        emitter.SetCurrent(sourceType);
        if (hashes is not null)
        {
            emitter.KnowHash(emitter.Current, hashes, i);
        }

        emitter.Continue = next;
        body();

        il.MarkLabel(next);
        if (mark)
        {
            Increment(il, index, null);
        }

        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, i);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Ldloca, run);
        il.Emit(OpCodes.Call, spanType.GetProperty("Length")!.GetMethod!);
        il.Emit(OpCodes.Blt, element);
        il.Emit(OpCodes.Br, nextRun);
    }

    private static void StartIndex(ILGenerator il, LocalBuilder index)
    {
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Ldfld, s_base);
        il.Emit(OpCodes.Stloc, index);
    }

    private static void MarkIndex(ILGenerator il, LocalBuilder index, bool mark)
    {
        if (mark)
        {
            il.Emit(OpCodes.Ldarg_3);
            il.Emit(OpCodes.Ldloc, index);
            il.Emit(OpCodes.Stfld, s_index);
        }
    }

    private static void Increment(ILGenerator il, LocalBuilder local, LocalBuilder? by)
    {
        il.Emit(OpCodes.Ldloc, local);
        if (by is null)
        {
            il.Emit(OpCodes.Ldc_I4_1);
            il.Emit(OpCodes.Conv_I8);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, by);
        }

        il.Emit(OpCodes.Add);
        il.Emit(OpCodes.Stloc, local);
    }
}

/// <summary>Marks an operator that can throw besides its functions.</summary>
internal interface IThrowingNode;
