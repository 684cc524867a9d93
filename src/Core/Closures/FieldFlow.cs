using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// Which fields of its target a lambda reads, from its IL.
/// <para>
/// The lambda is run on paper: a stack slot or variable holds not a value but the places it may come from ("the target", "the target's
/// field a", "a closure object made here"). Reading a field of a place gives the next place. Any other use (to pass it on, store, box or
/// return it, to call it virtually) makes all of it needed. Variables only gain places, so a few rounds reach the end. Methods of the
/// user's called on a followed object, local functions, lambdas and state machines made on the way are run the same way. An instruction
/// that the analysis does not know makes everything needed: more than necessary is shipped, never less.
/// </para>
/// <code>
/// x => x > this.limits.Low          ldarg.0; ldfld limits; ldfld Low     needs { limits: { Low } }
/// x => Check(x, this.limits)        ldarg.0; ldfld limits; call Check    needs { limits: all }
/// </code>
/// </summary>
internal sealed partial class FieldFlow
{
    private const int MaxFrames = 1000;
    private const int MaxRounds = 100;

    private readonly Dictionary<string, Frame> _frames = [];
    private readonly FlowObjects _objects = new();
    private int _round;

    /// <summary>Analyses an instance method that will be called on a captured target.</summary>
    public static (FieldNeeds Needs, bool Writes, IReadOnlyCollection<string> Written) OfTarget(MethodInfo lambda)
    {
        var flow = new FieldFlow();
        var target = new CapturedSite(0, 0, CapturePath.OfTarget(lambda.DeclaringType!));
        try
        {
            flow.RunToEnd(lambda, FlowValue.Of(target));
        }
        catch (Exception error) when (error is NotUnderstoodException || IlTokens.IsUnreadable(error))
        {
            // IL of another compiler, or a mention of an assembly that is not there: the lambda may run all the same.
            return (FieldNeeds.Everything, true, []);
        }

        return (target.ToNeeds(), flow._objects.Writes, flow._objects.Written);
    }

    private void RunToEnd(MethodInfo lambda, FlowValue target)
    {
        do
        {
            _objects.Changed = false;
            _round++;
            if (_round > MaxRounds)
            {
                throw new NotUnderstoodException();
            }

            RunEntry(lambda, target);
            foreach (var created in _objects.AllCreated.Where(site => CompilerMade.IsStateMachine(site.Type)).ToArray())
            {
                RunMethods(created);
            }
        }
        while (_objects.Changed);
    }

    /// <summary>Runs a method that somebody unknown calls later, with arguments of their own and for a result that they keep.</summary>
    private void RunEntry(MethodBase method, FlowValue target)
    {
        var arguments = new FlowValue[method.GetParameters().Length + 1];
        arguments[0] = target;
        _objects.Escape(Run(method, arguments));
    }

    private FlowValue Run(MethodBase method, FlowValue[] arguments)
    {
        var key =
            $"{method.Module.ModuleVersionId}:{method.MetadataToken}:{method.DeclaringType}:{method}({string.Join(',', arguments)})";
        if (!_frames.TryGetValue(key, out var frame))
        {
            _frames[key] = frame = new Frame(method, arguments);
            frame.Code = IlCode.Of(method);
            frame.Locals = frame.Code is null ? [] : [.. frame.Code.Body.LocalVariables.Select(local => Initial(local.LocalType))];
            _objects.Changed = true;
            if (_frames.Count > MaxFrames)
            {
                throw new NotUnderstoodException();
            }
        }

        if (frame.Code is null)
        {
            _objects.Escape(arguments);
        }
        else if (frame.Round != _round)
        {
            frame.Round = _round;
            Interpret(frame, frame.Code);
        }

        return frame.Returned;
    }

    /// <summary>A closure or a state machine that is a struct lives in a variable and is never created by an instruction.</summary>
    private FlowValue Initial(Type local) =>
        local.IsValueType && !local.IsPrimitive && CompilerMade.Is(local) ? _objects.Created(local) : FlowValue.None;

    /// <summary>Whoever gets a state machine may call any method of it.</summary>
    private void RunMethods(CreatedSite machine)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (var method in machine.Type.GetMethods(Own))
        {
            RunEntry(method, FlowValue.Of(machine));
        }
    }

    private FlowValue Call(MethodBase callee, bool virtually, FlowValue[] arguments)
    {
        if (!callee.IsStatic && (IsReadOnly(callee) || IsReadOnly(callee.DeclaringType!)))
        {
            arguments[0] = arguments[0].AsRead();
        }

        var follows = CanRun(callee) && (!virtually || !callee.IsVirtual || callee.IsFinal || callee.DeclaringType!.IsSealed);
        if (!follows || !Array.Exists(arguments, argument => argument.IsFollowed))
        {
            NoteWhatIsHidden(callee, virtually, arguments);
            _objects.Escape(arguments);
            return FlowValue.None;
        }

        if (!CompilerMade.Is(callee))
        {
            // Of a user's method only `this` is followed; a local function's closure comes as a parameter.
            var first = callee.IsStatic ? 0 : 1;
            _objects.Escape(arguments.AsSpan(first));
            Array.Fill(arguments, FlowValue.None, first, arguments.Length - first);
        }

        return Array.Exists(arguments, argument => argument.IsFollowed) ? Run(callee, arguments) : FlowValue.None;
    }

    /// <summary>Why the arguments are taken whole, and which of them may be written to: for what is said to the user.</summary>
    private void NoteWhatIsHidden(MethodBase callee, bool virtually, FlowValue[] arguments)
    {
        if (virtually && callee is { IsStatic: false, IsVirtual: true, IsFinal: false })
        {
            FlowObjects.NoteVirtualCall(arguments[0], callee);
        }

        var parameters = callee.GetParameters();
        var first = arguments.Length - parameters.Length;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] is { IsIn: false, ParameterType.IsByRef: true })
            {
                _objects.NoteWritten(arguments[first + i]);
            }
        }
    }

    private static bool IsReadOnly(MemberInfo structOrMethod) => structOrMethod.IsDefined(typeof(IsReadOnlyAttribute), inherit: false);

    private void MakeDelegate(FlowValue target, FlowValue function)
    {
        if (function.Function is { IsStatic: false } method && CanRun(method)
            && (!function.IsVirtual || method.IsFinal || method.DeclaringType!.IsSealed))
        {
            RunEntry(method, target);
        }
        else
        {
            if (function is { IsVirtual: true, Function: { } open })
            {
                FlowObjects.NoteVirtualCall(target, open);
            }

            _objects.Escape(target);
        }
    }

    private static bool CanRun(MethodBase method) =>
        method.DeclaringType is { IsArray: false } type && !method.IsAbstract
        && (SharedCode.IsMicroSpark(type.Assembly) || !SharedCode.Has(type.Assembly));

    /// <summary>One method under certain arguments, with what is known so far. Variables keep all they ever held.</summary>
    private sealed class Frame(MethodBase method, FlowValue[] arguments)
    {
        public MethodBase Method { get; } = method;

        public FlowValue[] Arguments { get; } = arguments;

        public IlCode? Code { get; set; }

        public FlowValue[] Locals { get; set; } = [];

        /// <summary>What the stack holds where branches meet.</summary>
        public Dictionary<int, FlowValue[]> StackAt { get; } = [];

        public FlowValue Returned { get; set; }

        public int Round { get; set; } = -1;
    }
}
