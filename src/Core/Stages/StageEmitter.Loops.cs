using System.Reflection.Emit;
using MicroSpark.Files;
using MicroSpark.Stopping;

namespace MicroSpark.Stages;

/// <content>The inner loops of operators that give many elements for one.</content>
internal sealed partial class StageEmitter
{
    private readonly Stack<Action> _openLoops = new();
    private readonly List<LocalBuilder> _buffers = [];
    private readonly Stack<Action> _rests = new();

    /// <summary>
    /// Opens an inner loop over what function <paramref name="index"/> gives for an argument; its elements become current. A function that
    /// splits lines is not called: see <see cref="FunctionShape.Split"/>.
    /// </summary>
    /// <param name="isResult">Whether these elements are the operator's.</param>
    public void OpenFlatMap(int index, Action pushArgument, Type elementType, bool isResult = false)
    {
        if (functions[index].Split is not null)
        {
            OpenWords(targets[index]!, pushArgument);
        }
        else
        {
            OpenSequence(PushItems, elementType, isResult ? SinkOfRun : null);
        }

        // Who sees when each element came gets them one by one.
        void PushItems(LocalBuilder buffer)
        {
            if (TakesAll && functions[index].Select?.TryCompile(elementType) is { } select)
            {
                CallWithTarget(index, pushArgument, () =>
                {
                    IL.Emit(OpCodes.Ldloc, buffer);
                    IL.Emit(OpCodes.Call, select);
                });
            }
            else
            {
                Call(index, pushArgument);
            }
        }
    }

    /// <summary>Emits, after the loop, that elements which wait for a longer run are taken.</summary>
    public void TakeRests()
    {
        while (_rests.TryPop(out var take))
        {
            take();
        }
    }

    /// <summary>Emits, after the loop, that sequences which were not read to their end are let go.</summary>
    public void StopFlatMaps()
    {
        foreach (var buffer in _buffers)
        {
            var none = IL.DefineLabel();
            IL.Emit(OpCodes.Ldloc, buffer);
            IL.Emit(OpCodes.Brfalse, none);
            IL.Emit(OpCodes.Ldloc, buffer);
            IL.Emit(OpCodes.Call, buffer.LocalType.GetMethod("Stop")!);
            IL.MarkLabel(none);
        }
    }

    /// <summary>Closes the inner loops, innermost first.</summary>
    public void CloseLoops()
    {
        while (_openLoops.TryPop(out var close))
        {
            close();
        }
    }

    /// <summary>Opens a loop over the elements of an <c>IEnumerable</c>.</summary>
    /// <param name="pushItems">Emits what pushes it; is handed the local of the <see cref="FlatMapBuffer{T}"/> that will read it.</param>
    /// <param name="takeRun">Emits what takes its runs; then there is no loop over their elements.</param>
    private void OpenSequence(Action<LocalBuilder> pushItems, Type elementType, Action<LocalBuilder>? takeRun)
    {
        var bufferType = typeof(FlatMapBuffer<>).MakeGenericType(elementType);
        var runType = typeof(ReadOnlySpan<>).MakeGenericType(elementType);
        var buffer = IL.DeclareLocal(bufferType);

        // Filled through its address, and copied into a local that lives in registers.
        var read = IL.DeclareLocal(runType);
        var run = IL.DeclareLocal(runType);
        var i = IL.DeclareLocal(typeof(int));
        var ended = IL.DeclareLocal(typeof(bool));
        var gathers = takeRun is not null && SinkWaits;
        var made = IL.DefineLabel();
        var nextRun = IL.DefineLabel();
        var take = IL.DefineLabel();
        var allTaken = IL.DefineLabel();
        var element = IL.DefineLabel();
        var test = IL.DefineLabel();
        var next = IL.DefineLabel();
        var outer = Continue;

        IL.Emit(OpCodes.Ldloc, buffer);
        IL.Emit(OpCodes.Brtrue, made);
        IL.Emit(OpCodes.Ldc_I4, TakesAll ? FlatMapBuffer<int>.LongestRun : 1);
        PushProgress();
        IL.Emit(OpCodes.Newobj, bufferType.GetConstructor([typeof(int), typeof(LoopEnd)])!);
        IL.Emit(OpCodes.Stloc, buffer);
        IL.MarkLabel(made);
        IL.Emit(OpCodes.Ldloc, buffer);
        pushItems(buffer);
        IL.Emit(OpCodes.Call, bufferType.GetMethod("Start")!);

        // The sequence may be an iterator of the user's: its code runs when it is pulled, after operators further down have run.
        IL.MarkLabel(nextRun);
        LeaveWhenStopped();
        MarkOperator(_marked.Position, _marked.CanThrow);
        IL.Emit(OpCodes.Ldloc, buffer);
        IL.Emit(OpCodes.Ldloca, read);
        IL.Emit(OpCodes.Call, bufferType.GetMethod(gathers ? "Gather" : "Next")!);
        IL.Emit(OpCodes.Brfalse, outer);
        IL.MarkLabel(take);
        IL.Emit(OpCodes.Ldloc, read);
        IL.Emit(OpCodes.Stloc, run);
        _buffers.Add(buffer);
        if (takeRun is not null)
        {
            takeRun(run);
            IL.Emit(OpCodes.Ldloc, ended);
            IL.Emit(OpCodes.Brfalse, nextRun);
            IL.Emit(OpCodes.Br, allTaken);
            _rests.Push(TakeRest);
            return;
        }

        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Stloc, i);
        IL.Emit(OpCodes.Br, test);

        IL.MarkLabel(element);
        IL.Emit(OpCodes.Ldloca, run);
        IL.Emit(OpCodes.Ldloc, i);
        IL.Emit(OpCodes.Call, runType.GetMethod("get_Item")!);
        IL.Emit(OpCodes.Ldobj, elementType);
        SetCurrent(elementType);
        Continue = next;

        _openLoops.Push(() =>
        {
            CloseLoop(i, next, test, element, () =>
            {
                IL.Emit(OpCodes.Ldloca, run);
                IL.Emit(OpCodes.Call, runType.GetProperty("Length")!.GetMethod!);
            });
            IL.Emit(OpCodes.Br, nextRun);
        });

        void TakeRest()
        {
            IL.Emit(OpCodes.Ldc_I4_1);
            IL.Emit(OpCodes.Stloc, ended);
            IL.Emit(OpCodes.Ldloc, buffer);
            IL.Emit(OpCodes.Brfalse, allTaken);
            IL.Emit(OpCodes.Ldloc, buffer);
            IL.Emit(OpCodes.Ldloca, read);
            IL.Emit(OpCodes.Call, bufferType.GetMethod("Rest")!);
            IL.Emit(OpCodes.Brtrue, take);
            IL.MarkLabel(allTaken);
        }
    }

    /// <summary>Emits a loop over the elements of the span in a local.</summary>
    /// <param name="run">The span.</param>
    /// <param name="body">Emits the work on one element. It gets an action that pushes a reference to the element, and the element's
    /// index.</param>
    public void ForEach(LocalBuilder run, Action<Action, LocalBuilder> body)
    {
        var i = IL.DeclareLocal(typeof(int));
        var element = IL.DefineLabel();
        var test = IL.DefineLabel();
        var next = IL.DefineLabel();
        var outer = Continue;
        Continue = next;
        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Stloc, i);
        IL.Emit(OpCodes.Br, test);
        IL.MarkLabel(element);
        body(
            () =>
            {
                IL.Emit(OpCodes.Ldloca, run);
                IL.Emit(OpCodes.Ldloc, i);
                IL.Emit(OpCodes.Call, run.LocalType.GetMethod("get_Item")!);
            },
            i);
        CloseLoop(i, next, test, element, () =>
        {
            IL.Emit(OpCodes.Ldloca, run);
            IL.Emit(OpCodes.Call, run.LocalType.GetProperty("Length")!.GetMethod!);
        });
        Continue = outer;
    }

    /// <summary>Opens a loop over the words that a <see cref="WordSplitter"/> finds in a line.</summary>
    private void OpenWords(LocalBuilder splitter, Action pushLine)
    {
        var words = IL.DeclareLocal(typeof(string[]));
        var hashes = IL.DeclareLocal(typeof(ulong[]));
        var i = IL.DeclareLocal(typeof(int));
        var element = IL.DefineLabel();
        var test = IL.DefineLabel();
        var next = IL.DefineLabel();
        var outer = Continue;

        IL.Emit(OpCodes.Ldloc, splitter);
        pushLine();
        IL.Emit(OpCodes.Call, typeof(WordSplitter).GetMethod(nameof(WordSplitter.Split))!);
        Load(nameof(WordSplitter.Words), words);
        Load(nameof(WordSplitter.Hashes), hashes);
        IL.Emit(OpCodes.Ldc_I4_0);
        IL.Emit(OpCodes.Stloc, i);
        IL.Emit(OpCodes.Br, test);

        IL.MarkLabel(element);
        IL.Emit(OpCodes.Ldloc, words);
        IL.Emit(OpCodes.Ldloc, i);
        IL.Emit(OpCodes.Ldelem_Ref);
        SetCurrent(typeof(string));
        Hashes.Know(Current, hashes, i);
        Continue = next;

        _openLoops.Push(() =>
        {
            CloseLoop(i, next, test, element, () =>
            {
                IL.Emit(OpCodes.Ldloc, splitter);
                IL.Emit(OpCodes.Ldfld, typeof(WordSplitter).GetField(nameof(WordSplitter.Count))!);
            });
            IL.Emit(OpCodes.Br, outer);
        });

        void Load(string field, LocalBuilder local)
        {
            IL.Emit(OpCodes.Ldloc, splitter);
            IL.Emit(OpCodes.Ldfld, typeof(WordSplitter).GetField(field)!);
            IL.Emit(OpCodes.Stloc, local);
        }
    }

    /// <summary><c>next: leave when stopped; i++; test: if (i &lt; length) goto element;</c></summary>
    private void CloseLoop(LocalBuilder i, Label next, Label test, Label element, Action pushLength)
    {
        IL.MarkLabel(next);
        LeaveWhenStopped();
        IL.Emit(OpCodes.Ldloc, i);
        IL.Emit(OpCodes.Ldc_I4_1);
        IL.Emit(OpCodes.Add);
        IL.Emit(OpCodes.Stloc, i);
        IL.MarkLabel(test);
        IL.Emit(OpCodes.Ldloc, i);
        pushLength();
        IL.Emit(OpCodes.Blt, element);
    }
}
