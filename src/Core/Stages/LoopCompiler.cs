using System.Reflection.Emit;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <summary>One compiled stage: runs all elements of a reader through the operators into the sink.</summary>
internal delegate void FusedLoop<TSink>(object reader, object?[] targets, ref TSink sink, LoopProgress progress)
    where TSink : struct;

/// <summary>
/// Compiles a chain of operators into one loop:
/// <code>
/// var s = sink;
/// while (reader.Next(progress.Look(), out run))
///     for (progress.Begin(run.Length), i = 0; i &lt; progress.End; i++)
///     {
///         element = run[i]; ...operators...; if (!s.Add(element)) goto done;
///     }
/// done: sink = s;
/// </code>
/// The sink is a local so that its fields live in registers. A range needs no reader: its loop is arithmetic. A run's end
/// is in memory, where whoever cancels the task lowers it. Loops of plain arithmetic do not look at it: their longest run is short.
/// </summary>
internal static partial class LoopCompiler
{
    public static FusedLoop<TSink> Compile<TSink>(
        Type readerType, Type sourceType, IReadOnlyList<IFusedNode> operators, IReadOnlyList<FunctionShape> functions,
        IReadOnlyList<int> firstFunction,
        TSink sink)
        where TSink : struct
    {
        var method = new DynamicMethod(
            "Stage", typeof(void), [typeof(object), typeof(object[]), typeof(TSink).MakeByRefType(), typeof(LoopProgress)],
            typeof(LoopCompiler).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var targets = LoadTargets(il, functions);
        var canThrow = functions.Any(f => ThrowAnalysis.CanThrow(f.Method)) || operators.Any(o => o is IThrowingNode);
        var isBrief = sink is IBriefSink { IsBrief: true } && operators.All(o => o is not IThrowingNode)
            && functions.All(f => ThrowAnalysis.IsBrief(f.Method));
        var sinkLocal = il.DeclareLocal(typeof(TSink));
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldobj, typeof(TSink));
        il.Emit(OpCodes.Stloc, sinkLocal);
        var done = il.DefineLabel();
        var stopped = il.DefineLabel();
        var emitter = new StageEmitter(il, targets, functions) { Done = done, Stopped = stopped, TakesAll = sink is ITakesAll };

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
                emitter.Hashes.SourceRun = null;
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
            EmitRange(il, emitter, canThrow, isBrief, Body);
        }
        else
        {
            // An error names its element: a loop that may fail says which one it is at.
            EmitRuns(
                il, emitter, readerType, sourceType, canThrow, isBrief, Body, operators.Count == 0 && !canThrow ? addRun : null);
        }

        il.MarkLabel(done);
        emitter.TakeRests();
        il.MarkLabel(stopped);
        emitter.StopFlatMaps();
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
}

/// <summary>Marks an operator that can throw besides its functions.</summary>
internal interface IThrowingNode;
