using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Files;
using MicroSpark.Plans;
using MicroSpark.Readers;

namespace MicroSpark.Stages;

/// <content>The outer loops: over the numbers of a range, and over the runs of a reader.</content>
internal static partial class LoopCompiler
{
    private static readonly FieldInfo s_index = typeof(LoopProgress).GetField(nameof(LoopProgress.Index))!;
    private static readonly FieldInfo s_base = typeof(LoopProgress).GetField(nameof(LoopProgress.Base))!;
    private static readonly MethodInfo s_look = typeof(LoopProgress).GetMethod(nameof(LoopProgress.Look))!;
    private static readonly MethodInfo s_begin = typeof(LoopProgress).GetMethod(nameof(LoopProgress.Begin))!;
    private static readonly MethodInfo s_beginBrief = typeof(LoopProgress).GetMethod(nameof(LoopProgress.BeginBrief))!;
    private static readonly MethodInfo s_beginNext = typeof(LoopProgress).GetMethod(nameof(LoopProgress.BeginNext))!;

    /// <summary>Runs of numbers; the inner loop is plain arithmetic.</summary>
    private static void EmitRange(ILGenerator il, StageEmitter emitter, bool mark, bool isBrief, Action body)
    {
        var reader = il.DeclareLocal(typeof(RangeReader));
        var value = il.DeclareLocal(typeof(long));
        var step = il.DeclareLocal(typeof(long));
        var left = il.DeclareLocal(typeof(long));
        var i = il.DeclareLocal(typeof(int));
        var index = il.DeclareLocal(typeof(long));
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, typeof(RangeReader));
        il.Emit(OpCodes.Stloc, reader);
        Load(reader, nameof(RangeReader.Start), value);
        Load(reader, nameof(RangeReader.Step), step);
        Load(reader, nameof(RangeReader.Count), left);

        StartIndex(il, index);
        var run = il.DefineLabel();
        var element = il.DefineLabel();
        var next = il.DefineLabel();
        var test = il.DefineLabel();
        il.MarkLabel(run);
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Ble, emitter.Done);

        // What is called for brief runs is inlined. So the loop lives in the registers that calls do not keep, too.
        emitter.PushProgress();
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Call, isBrief ? s_beginBrief : s_beginNext);
        il.Emit(OpCodes.Stloc, i);
        il.Emit(OpCodes.Ldloc, left);
        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Conv_I8);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Stloc, left);
        if (!isBrief)
        {
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Stloc, i);
            il.Emit(OpCodes.Br, test);
        }

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

        il.Emit(OpCodes.Ldloc, i);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(isBrief ? OpCodes.Sub : OpCodes.Add);
        il.Emit(OpCodes.Stloc, i);
        il.MarkLabel(test);
        il.Emit(OpCodes.Ldloc, i);
        if (isBrief)
        {
            // Down to 0, in a register.
            il.Emit(OpCodes.Brtrue, element);
        }
        else
        {
            emitter.PushEnd();
            il.Emit(OpCodes.Blt, element);
        }

        il.Emit(OpCodes.Br, run);

        void Load(LocalBuilder from, string property, LocalBuilder to)
        {
            il.Emit(OpCodes.Ldloc, from);
            il.Emit(OpCodes.Call, typeof(RangeReader).GetProperty(property)!.GetMethod!);
            il.Emit(OpCodes.Stloc, to);
        }
    }

    /// <param name="isBrief">Whether an element is done with so fast that nobody needs to stop in the middle of a run.</param>
    /// <param name="takeRun">Emits what takes whole runs; null to go through their elements with <paramref name="body"/>.</param>
    private static void EmitRuns(
        ILGenerator il, StageEmitter emitter, Type exactReader, Type sourceType, bool mark, bool isBrief, Action body,
        Action<LocalBuilder>? takeRun)
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
        emitter.MarkOperator(-1, mark);
        il.Emit(OpCodes.Ldloc, reader);
        emitter.PushProgress();
        il.Emit(OpCodes.Call, s_look);
        il.Emit(OpCodes.Ldloca, read);
        il.Emit(OpCodes.Callvirt, readerType.GetMethod("Next")!);
        il.Emit(OpCodes.Brfalse, emitter.Done);
        emitter.PushProgress();
        il.Emit(OpCodes.Ldloca, read);
        il.Emit(OpCodes.Call, spanType.GetProperty("Length")!.GetMethod!);
        il.Emit(OpCodes.Call, s_begin);
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
            emitter.Hashes.Know(emitter.Current, hashes, i);
        }

        emitter.Continue = next;
        emitter.Hashes.SourceRun = (run, i);
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
        if (isBrief)
        {
            il.Emit(OpCodes.Ldloca, run);
            il.Emit(OpCodes.Call, spanType.GetProperty("Length")!.GetMethod!);
        }
        else
        {
            emitter.PushEnd();
        }

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
