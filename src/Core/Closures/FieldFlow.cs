using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// Which fields of its target a lambda reads, from its IL.
/// <para>
/// The lambda is run on paper: a stack slot or variable holds not a value but the places it may come from ("the target",
/// "the target's field a", "a closure object made here"). Reading a field of a place gives the next place; whatever else happens to one
/// (it is passed on, stored, boxed, returned, called virtually) makes all of it needed. Variables only gain places, so a few
/// rounds reach the end. Methods of the user's called on a followed object, local functions, lambdas and state machines made on the way
/// are run the same way. Whatever cannot be understood makes everything needed: more than necessary is shipped, never less.
/// </para>
/// <code>
/// x => x > this.limits.Low          ldarg.0; ldfld limits; ldfld Low     needs { limits: { Low } }
/// x => Check(x, this.limits)        ldarg.0; ldfld limits; call Check    needs { limits: all }
/// </code>
/// </summary>
internal sealed partial class FieldFlow
{
    /// <summary>Longer paths of fields are taken whole; it also ends loops such as <c>node = node.Next</c>.</summary>
    private const int MaxDepth = 8;
    private const int MaxFrames = 1000;
    private const int MaxRounds = 100;

    private readonly Dictionary<string, Frame> _frames = [];
    private readonly Dictionary<Type, CreatedSite> _created = [];
    private int _round;
    private int _lastId;
    private bool _changed;
    private bool _writes;

    /// <summary>Analyses an instance method that will be called on a captured target.</summary>
    public static (FieldNeeds Needs, bool Writes) OfTarget(MethodInfo lambda)
    {
        var flow = new FieldFlow();
        var target = new CapturedSite(0, 0);
        try
        {
            flow.RunToEnd(lambda, Value.Of(target));
        }
        catch (Exception error) when (error is NotUnderstoodException or FileNotFoundException or FileLoadException or TypeLoadException
            or BadImageFormatException or MissingMemberException or ArgumentException or NotSupportedException)
        {
            // IL of another compiler, or a mention of an assembly that is not there: the lambda may run all the same.
            return (FieldNeeds.Everything, true);
        }

        return (target.ToNeeds(), flow._writes);
    }

    private void RunToEnd(MethodInfo lambda, Value target)
    {
        do
        {
            _changed = false;
            _round++;
            if (_round > MaxRounds)
            {
                throw new NotUnderstoodException();
            }

            RunEntry(lambda, target);
            foreach (CreatedSite created in _created.Values.Where(site => CompilerMade.IsStateMachine(site.Type)).ToArray())
            {
                RunMethods(created);
            }
        }
        while (_changed);
    }

    /// <summary>Runs a method that somebody unknown calls later, with arguments of their own and for a result that they keep.</summary>
    private void RunEntry(MethodBase method, Value target)
    {
        var arguments = new Value[method.GetParameters().Length + 1];
        arguments[0] = target;
        Escape(Run(method, arguments));
    }

    private Value Run(MethodBase method, Value[] arguments)
    {
        string key = $"{method.Module.ModuleVersionId}:{method.MetadataToken}:{method.DeclaringType}:{method}({string.Join(',', arguments)})";
        if (!_frames.TryGetValue(key, out Frame? frame))
        {
            _frames[key] = frame = new Frame(method, arguments);
            frame.Code = IlCode.Of(method);
            frame.Locals = frame.Code is null ? [] : [.. frame.Code.Body.LocalVariables.Select(local => Initial(local.LocalType))];
            _changed = true;
            if (_frames.Count > MaxFrames)
            {
                throw new NotUnderstoodException();
            }
        }

        if (frame.Code is null)
        {
            Escape(arguments);
        }
        else if (frame.Round != _round)
        {
            frame.Round = _round;
            Interpret(frame, frame.Code);
        }

        return frame.Returned;
    }

    /// <summary>A closure or a state machine that is a struct lives in a variable and is never created by an instruction.</summary>
    private Value Initial(Type local) =>
        local.IsValueType && !local.IsPrimitive && CompilerMade.Is(local) ? Created(local) : Value.None;

    private Value Created(Type type)
    {
        if (!_created.TryGetValue(type, out CreatedSite? site))
        {
            _created[type] = site = new CreatedSite(++_lastId, type);
            _changed = true;
        }

        return Value.Of(site);
    }

    /// <summary>Whoever gets a state machine may call any method of it.</summary>
    private void RunMethods(CreatedSite machine)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (MethodInfo method in machine.Type.GetMethods(Own))
        {
            RunEntry(method, Value.Of(machine));
        }
    }

    private void Escape(params ReadOnlySpan<Value> values)
    {
        foreach (Value value in values)
        {
            _writes |= value.IsAddress && HasCaptured(value);
            foreach (Site site in value.Sites)
            {
                // What the compiler made shows its fields to its own methods only, and those are run.
                if (site is CapturedSite { All: false } captured)
                {
                    captured.All = true;
                    _changed = true;
                }
            }
        }
    }

    private Value ReadField(Value owner, FieldInfo field, bool address)
    {
        Value result = Value.None;
        bool grew = false;
        foreach (Site site in owner.Sites)
        {
            if (site is CreatedSite created)
            {
                result = result.With(created.Fields.GetValueOrDefault(FieldPlace.Of(field)), ref grew);
            }
            else if (site is CapturedSite { All: false } captured && !CompilerMade.IsDelegateCache(field))
            {
                CapturedSite child = Child(captured, field);
                if (address || CanFollow(field.FieldType))
                {
                    result = result.With(Value.Of(child, address), ref grew);
                }
            }
            else
            {
                // Of an object that is taken whole only changes are still of interest.
                result = address ? result.With(Value.Of(site, isAddress: true), ref grew) : result;
            }
        }

        return result;
    }

    private CapturedSite Child(CapturedSite owner, FieldInfo field)
    {
        if (owner.Fields.TryGetValue(FieldPlace.Of(field), out (FieldInfo Field, CapturedSite Site) known))
        {
            return known.Site;
        }

        var child = new CapturedSite(++_lastId, owner.Depth + 1) { All = owner.Depth >= MaxDepth || !CanFollow(field.FieldType) };
        owner.Fields.Add(FieldPlace.Of(field), (field, child));
        _changed = true;
        return child;
    }

    private static bool CanFollow(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !type.IsByRef && !type.IsArray && type != typeof(string)
        && !typeof(Delegate).IsAssignableFrom(type);

    private void WriteField(Value owner, FieldInfo field, Value value)
    {
        if (!owner.IsFollowed)
        {
            Escape(value);
        }

        foreach (Site site in owner.Sites)
        {
            if (site is CreatedSite created)
            {
                FieldPlace key = FieldPlace.Of(field);
                created.Fields[key] = created.Fields.GetValueOrDefault(key).With(value, ref _changed);
            }
            else
            {
                // A cached delegate makes no difference; every other change belongs to one task.
                _writes |= !CompilerMade.IsDelegateCache(field);
                Escape(value);
            }
        }
    }

    private Value Call(MethodBase callee, bool virtually, Value[] arguments)
    {
        if (!callee.IsStatic && (IsReadOnly(callee) || IsReadOnly(callee.DeclaringType!)))
        {
            arguments[0] = arguments[0].AsRead();
        }

        bool follows = CanRun(callee) && (!virtually || !callee.IsVirtual || callee.IsFinal || callee.DeclaringType!.IsSealed);
        if (!follows || !Array.Exists(arguments, argument => argument.IsFollowed))
        {
            Escape(arguments);
            return Value.None;
        }

        if (!CompilerMade.Is(callee))
        {
            // Of a user's method only `this` is followed; a local function's closure comes as a parameter.
            int first = callee.IsStatic ? 0 : 1;
            Escape(arguments.AsSpan(first));
            Array.Fill(arguments, Value.None, first, arguments.Length - first);
        }

        return Array.Exists(arguments, argument => argument.IsFollowed) ? Run(callee, arguments) : Value.None;
    }

    private static bool IsReadOnly(MemberInfo structOrMethod) => structOrMethod.IsDefined(typeof(IsReadOnlyAttribute), inherit: false);

    private void MakeDelegate(Value target, Value function)
    {
        if (function.Function is { IsStatic: false } method && CanRun(method)
            && (!function.IsVirtual || method.IsFinal || method.DeclaringType!.IsSealed))
        {
            RunEntry(method, target);
        }
        else
        {
            Escape(target);
        }
    }

    private static bool CanRun(MethodBase method) =>
        method.DeclaringType is { IsArray: false } type && !method.IsAbstract
        && (SharedCode.IsMicroSpark(type.Assembly) || !SharedCode.Has(type.Assembly));

    /// <summary>The IL is not of a kind that this analysis reads.</summary>
    private sealed class NotUnderstoodException : Exception;
}
