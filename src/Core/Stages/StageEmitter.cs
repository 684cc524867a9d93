using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Plans;
using MicroSpark.Readers;
using MicroSpark.Stopping;

namespace MicroSpark.Stages;

/// <summary>
/// Emits one stage's loop. An operator reads the element in <see cref="Current"/>, emits its work, and leaves its own element there; a
/// filter branches to <see cref="Continue"/>; a flat-map opens an inner loop. The lambdas' own methods are called, so that the JIT
/// inlines the user's code into the loop.
/// </summary>
internal sealed partial class StageEmitter(ILGenerator il, LocalBuilder?[] targets, IReadOnlyList<FunctionShape> functions)
{
    private static readonly FieldInfo s_operator = typeof(LoopProgress).GetField(nameof(LoopProgress.Operator))!;
    private static readonly FieldInfo s_end = typeof(LoopEnd).GetField(nameof(LoopEnd.End))!;

    private (int Position, bool CanThrow) _marked;

    public ILGenerator IL { get; } = il;

    /// <summary>What is known of the keys' hashes.</summary>
    public KnownHashes Hashes { get; } = new(il);

    /// <summary>Holds the current element; its type is the chain's element type here.</summary>
    public LocalBuilder Current { get; set; } = null!;

    /// <summary>Where to go when the current element is done with.</summary>
    public Label Continue { get; set; }

    /// <summary>Where to go when no more elements are wanted.</summary>
    public Label Done { get; set; }

    /// <summary>Where to go when the task is to stop.</summary>
    public required Label Stopped { get; init; }

    /// <summary>The argument that has the loop's <see cref="LoopProgress"/>.</summary>
    public short Progress { get; init; } = 3;

    /// <summary>Whether the sink takes all elements that come: see <see cref="ITakesAll"/>.</summary>
    public bool TakesAll { get; init; }

    /// <summary>
    /// Emits the sink's own loop over the run in a local; null when it has none, or when an operator stands before it. Whoever calls it
    /// leaves no element in <see cref="Current"/>.
    /// </summary>
    public Action<LocalBuilder>? SinkOfRun { get; set; }

    /// <summary>See <see cref="IEmittingRunSink.MayWait"/>.</summary>
    public bool SinkWaits { get; set; }

    /// <summary>Notes the operator before its function runs, so that an exception from inlined code can be attributed.</summary>
    public void MarkOperator(int position, bool canThrow)
    {
        _marked = (position, canThrow);
        if (!canThrow)
        {
            return;
        }

        PushProgress();
        IL.Emit(OpCodes.Ldc_I4, position);
        IL.Emit(OpCodes.Stfld, s_operator);
    }

    /// <summary>Pushes the loop's <see cref="LoopProgress"/>.</summary>
    public void PushProgress() => IL.Emit(OpCodes.Ldarg, Progress);

    /// <summary>Pushes the end of the outer loop's run, which is lowered to stop it.</summary>
    public void PushEnd()
    {
        PushProgress();

        // Another thread writes it: it must not be read once and kept.
        IL.Emit(OpCodes.Volatile);
        IL.Emit(OpCodes.Ldfld, s_end);
    }

    /// <summary>
    /// Leaves when the task is to stop. For loops inside of the outer one, which itself ends when its end is lowered.
    /// </summary>
    public void LeaveWhenStopped()
    {
        PushEnd();
        IL.Emit(OpCodes.Brfalse, Stopped);
    }

    public bool CanThrow(int function) => ThrowAnalysis.CanThrow(functions[function].Method);

    /// <summary>Calls function <paramref name="index"/>; <paramref name="pushArguments"/> emits its arguments.</summary>
    public void Call(int index, Action pushArguments) => CallWithTarget(index, pushArguments, () => functions[index].EmitCall(IL));

    /// <summary>Calls function <paramref name="index"/> on the current element.</summary>
    public void CallOnCurrent(int index) => Call(index, () => IL.Emit(OpCodes.Ldloc, Current));

    /// <summary>Makes the value on the stack the current element.</summary>
    public void SetCurrent(Type type)
    {
        Current = IL.DeclareLocal(type);
        IL.Emit(OpCodes.Stloc, Current);
    }

    /// <summary>
    /// Calls a method of its own that is emitted for this place: none of the stage's other variables compete with its own for registers.
    /// </summary>
    /// <param name="arguments">Their types, and what pushes them.</param>
    /// <param name="firstFunction">The functions that it may call.</param>
    /// <param name="count">How many these are.</param>
    /// <param name="emit">Emits it, but for the return, by an emitter whose arguments are those above. It has no marks.</param>
    public void CallApart(string name, (Type Type, Action Push)[] arguments, int firstFunction, int count, Action<StageEmitter> emit)
    {
        var used = Enumerable.Range(firstFunction, count).Where(index => targets[index] is not null).ToArray();
        Type[] parameters =
            [.. arguments.Select(argument => argument.Type), typeof(LoopProgress), .. used.Select(index => targets[index]!.LocalType)];
        var method = new DynamicMethod(name, typeof(void), parameters, typeof(StageEmitter).Module, skipVisibility: true);
        var apart = method.GetILGenerator();
        var ownTargets = new LocalBuilder?[targets.Length];
        for (var i = 0; i < used.Length; i++)
        {
            ownTargets[used[i]] = apart.DeclareLocal(targets[used[i]]!.LocalType);
            apart.Emit(OpCodes.Ldarg, (short)(arguments.Length + 1 + i));
            apart.Emit(OpCodes.Stloc, ownTargets[used[i]]!);
        }

        var end = apart.DefineLabel();
        emit(new StageEmitter(apart, ownTargets, functions) { TakesAll = TakesAll, Stopped = end, Progress = (short)arguments.Length });
        apart.MarkLabel(end);
        apart.Emit(OpCodes.Ret);
        foreach (var (_, push) in arguments)
        {
            push();
        }

        PushProgress();
        foreach (var index in used)
        {
            IL.Emit(OpCodes.Ldloc, targets[index]!);
        }

        IL.Emit(OpCodes.Call, method);
    }

    private void CallWithTarget(int index, Action pushArguments, Action emitCall)
    {
        if (targets[index] is { } target)
        {
            IL.Emit(OpCodes.Ldloc, target);
        }

        pushArguments();
        emitCall();
    }
}
