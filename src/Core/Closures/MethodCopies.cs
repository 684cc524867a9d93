using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// Copies of a lambda's method, and of those between it and the reads of some static fields, in which the values of the fields are
/// arguments. The methods themselves, and the fields, stay as they are: other programs of the same process have their own use of them.
/// </summary>
/// <remarks>
/// <code>
/// lambda(x)                 =>  copy(x, v0, v1)
///   Check(x)                =>    copy of Check(x, v1)
///     x > s_limit           =>      x > v1
/// </code>
/// A call can lead to a copy where it can only mean the one method. Calls of overrides, constructors, functions that are passed on, and
/// bodies of iterators and asynchronous methods cannot; <see cref="MethodReach"/> tells whether a read lies behind one.
/// </remarks>
internal sealed class MethodCopies
{
    private static readonly ConditionalWeakTable<MethodInfo, Known> s_known = [];

    private readonly MethodInfo _lambda;
    private readonly FieldInfo[] _fields;
    private readonly Type[] _initialized;
    private readonly DynamicMethod _free;
    private readonly DynamicMethod? _bound;

    private MethodCopies(MethodInfo lambda, FieldInfo[] fields, MethodReach reach)
    {
        (_lambda, _fields, _initialized) = (lambda, fields, [.. reach.Initialized]);
        var copies = reach.Copied.ToDictionary(static node => node, Declare);
        foreach (var node in reach.Copied)
        {
            Emit(node, copies);
        }

        _free = EmitEntry(reach.Root.Needs, copies[reach.Root], hasTarget: false);
        _bound = CanHaveTarget(lambda) ? EmitEntry(reach.Root.Needs, copies[reach.Root], hasTarget: true) : null;
    }

    /// <summary>The copies for a lambda and the fields that it is to find the values of; null when a read cannot be replaced.</summary>
    /// <param name="isDeclared">Whether the program asks, which declares the lambda, and not a worker.</param>
    /// <param name="why">Then: the reason, to go on after "since", and which field it is about.</param>
    public static MethodCopies? Of(MethodInfo lambda, FieldInfo[] fields, bool isDeclared, out (int Field, string Text) why)
    {
        var known = s_known.GetOrCreateValue(lambda);
        lock (known)
        {
            var names = fields.Select(static field => $"{field.DeclaringType!.TypeHandle.Value}.{field.MetadataToken}");
            var key = string.Join(' ', names.Prepend(isDeclared ? "declared" : "read"));
            if (!known.ByFields.TryGetValue(key, out var answer))
            {
                var reach = MethodReach.Of(lambda, fields, isDeclared);
                answer = (reach.Why is null ? new MethodCopies(lambda, fields, reach) : null, (reach.Obstacle, reach.Why ?? ""));
                known.ByFields.Add(key, answer);
            }

            why = answer.Why;
            return answer.Copies;
        }
    }

    /// <summary>A delegate that runs the copies. Target and values may be put in until it is called first.</summary>
    /// <exception cref="ArgumentException">The method does not fit the type, or can have no target.</exception>
    /// <exception cref="TypeInitializationException">A type's initializer fails, as it would have when the method was called.</exception>
    public Delegate Bind(Type delegateType, BoundValues values, bool hasTarget)
    {
        foreach (var type in _initialized)
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        return (hasTarget ? _bound ?? throw new ArgumentException($"{_lambda} can have no target.") : _free)
            .CreateDelegate(delegateType, values);
    }

    /// <summary>A delegate of a static method has its first argument as target if that is an object.</summary>
    private static bool CanHaveTarget(MethodInfo lambda) =>
        !lambda.IsStatic || (lambda.GetParameters() is [var first, ..]
            && first.ParameterType is { IsValueType: false, IsByRef: false, IsPointer: false, IsGenericParameter: false });

    private static Type[] ArgumentsOf(MethodBase method)
    {
        Type[] declared = [.. method.GetParameters().Select(static parameter => parameter.ParameterType)];
        return method.IsStatic ? declared
            : [method.DeclaringType!.IsValueType ? method.DeclaringType.MakeByRefType() : method.DeclaringType, .. declared];
    }

    private DynamicMethod Declare(MethodReach.Node node) =>
        new(
            node.Method.Name, ((MethodInfo)node.Method).ReturnType,
            [.. ArgumentsOf(node.Method), .. node.Needs.Select(need => _fields[need].FieldType)],
            node.Method.Module, skipVisibility: true)
        {
            InitLocals = node.Code.Body.InitLocals,
        };

    private static void Emit(MethodReach.Node node, Dictionary<MethodReach.Node, DynamicMethod> copies)
    {
        var own = ArgumentsOf(node.Method).Length;
        int[] needs = [.. node.Needs];
        var il = copies[node].GetILGenerator();
        if (!node.Method.IsStatic && !node.Method.DeclaringType!.IsValueType)
        {
            // As 'callvirt' does: a dynamic method is called without that.
            var there = il.DefineLabel();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Brtrue, there);
            il.Emit(OpCodes.Newobj, typeof(NullReferenceException).GetConstructor(Type.EmptyTypes)!);
            il.Emit(OpCodes.Throw);
            il.MarkLabel(there);
        }

        IlCopy.Emit(il, node.Code, (at, emitOwn) =>
        {
            if (node.Reads.TryGetValue(at, out var field))
            {
                var opcode = node.Code.Instructions[at].Code == ILOpCode.Ldsfld ? OpCodes.Ldarg : OpCodes.Ldarga;
                il.Emit(opcode, (short)(own + Array.IndexOf(needs, field)));
            }
            else if (node.Calls.TryGetValue(at, out var callee) && copies.TryGetValue(callee, out var copy))
            {
                foreach (var need in callee.Needs)
                {
                    il.Emit(OpCodes.Ldarg, (short)(own + Array.IndexOf(needs, need)));
                }

                il.Emit(OpCodes.Call, copy);
            }
            else if (node.Code.Instructions[at].Code != ILOpCode.Volatile || !node.Reads.ContainsKey(at + 1))
            {
                emitOwn();
            }
        });
    }

    /// <summary>What the delegate calls: takes target and values out of a <see cref="BoundValues"/>.</summary>
    private DynamicMethod EmitEntry(IReadOnlySet<int> needs, DynamicMethod copy, bool hasTarget)
    {
        var arguments = ArgumentsOf(_lambda);
        var given = hasTarget ? arguments[1..] : arguments;
        var entry = new DynamicMethod(
            _lambda.Name, _lambda.ReturnType, [typeof(BoundValues), .. given], _lambda.Module, skipVisibility: true);
        var il = entry.GetILGenerator();
        if (hasTarget)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, typeof(BoundValues).GetField(nameof(BoundValues.Target))!);
            if (arguments[0].IsByRef)
            {
                il.Emit(OpCodes.Unbox, arguments[0].GetElementType()!);
            }
            else
            {
                il.Emit(OpCodes.Castclass, arguments[0]);
            }
        }

        for (var i = 1; i <= given.Length; i++)
        {
            il.Emit(OpCodes.Ldarg, (short)i);
        }

        foreach (var need in needs)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, typeof(BoundValues).GetField(nameof(BoundValues.Values))!);
            il.Emit(OpCodes.Ldc_I4, need);
            il.Emit(OpCodes.Ldelem_Ref);

            // A cast for each element would cost more than the read; BoundValues has checked the type.
            if (_fields[need].FieldType.IsValueType)
            {
                il.Emit(OpCodes.Unbox_Any, _fields[need].FieldType);
            }
        }

        il.Emit(OpCodes.Call, copy);
        il.Emit(OpCodes.Ret);
        return entry;
    }

    /// <summary>What has been worked out for one lambda. Nothing here keeps its assembly loaded.</summary>
    private sealed class Known
    {
        public Dictionary<string, (MethodCopies? Copies, (int Field, string Text) Why)> ByFields { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>A lambda's target, and the values that stand for static fields: each of its field's type.</summary>
internal sealed class BoundValues(MethodInfo method, FieldInfo[] fields)
{
    // Fields: emitted code reads them for each element.
    public object? Target;
    public readonly object?[] Values = new object?[fields.Length];

    /// <summary>The lambda's own method.</summary>
    public MethodInfo Method => method;

    /// <summary>Puts in a value.</summary>
    /// <returns>False when it does not fit the field.</returns>
    public bool TrySet(int index, object? value)
    {
        var type = fields[index].FieldType;
        Values[index] = value;
        return value is null ? !type.IsValueType || Nullable.GetUnderlyingType(type) is not null : type.IsInstanceOfType(value);
    }
}
