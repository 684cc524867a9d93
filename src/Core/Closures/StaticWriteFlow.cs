using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// One method run on paper: a stack slot or variable holds the places that its value may come from. A store into such a place, or a call
/// that changes it, is a write.
/// </summary>
/// <remarks>
/// Not followed: objects that are put into fields of others or captured by a lambda on the way. Then less is seen than is written.
/// </remarks>
internal sealed partial class StaticWriteFlow
{
    private const int MaxPasses = 4;

    /// <summary>An argument that more methods change is changed by the one that gives it to them.</summary>
    private const int MaxWritersOfArgument = 8;

    private static readonly HashSet<WriteOrigin> s_none = [];

    private readonly MethodKey _method;
    private readonly IlCode _code;
    private readonly Func<MethodBase, WriteSummary> _summaryOf;
    private readonly WriteSummary _summary = new();
    private readonly HashSet<WriteOrigin>[] _slots;
    private readonly Dictionary<int, HashSet<WriteOrigin>[]> _stackAt = [];
    private readonly int _arguments;
    private readonly bool _returns;
    private bool _grew;

    private StaticWriteFlow(MethodBase method, IlCode code, Func<MethodBase, WriteSummary> summaryOf)
    {
        _method = MethodKey.Of(method);
        _code = code;
        _summaryOf = summaryOf;
        _arguments = method.GetParameters().Length + (method.IsStatic ? 0 : 1);
        _returns = method is MethodInfo { ReturnType: var type } && type != typeof(void);
        _slots = new HashSet<WriteOrigin>[_arguments + code.Body.LocalVariables.Count];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = i < _arguments ? [new WriteOrigin(null, i, IsPlace: false)] : [];
        }
    }

    /// <param name="summaryOf">What another method of the program's does.</param>
    public static WriteSummary Run(MethodBase method, IlCode code, Func<MethodBase, WriteSummary> summaryOf)
    {
        var flow = new StaticWriteFlow(method, code, summaryOf);
        try
        {
            for (var pass = 0; pass == 0 || (flow._grew && pass < MaxPasses); pass++)
            {
                flow._grew = false;
                flow.Pass();
            }
        }
        catch (Exception error) when (
            error is NotUnderstoodException or InvalidOperationException or IndexOutOfRangeException || IlTokens.IsUnreadable(error))
        {
            // What was seen up to there stands. Other compilers may leave a stack that is not as C# leaves it.
        }

        return flow._summary;
    }

    private void Pass()
    {
        var stack = new Stack<HashSet<WriteOrigin>>();
        foreach (var clause in _code.Body.ExceptionHandlingClauses)
        {
            if (clause.Flags is ExceptionHandlingClauseOptions.Clause or ExceptionHandlingClauseOptions.Filter)
            {
                _stackAt[clause.HandlerOffset] = [s_none];
            }

            if (clause.Flags == ExceptionHandlingClauseOptions.Filter)
            {
                _stackAt[clause.FilterOffset] = [s_none];
            }
        }

        var reached = true;
        for (var at = 0; at < _code.Instructions.Count; at++)
        {
            var instruction = _code.Instructions[at];
            if (_stackAt.TryGetValue(instruction.Offset, out var met))
            {
                if (reached)
                {
                    Meet(instruction.Offset, stack);
                    met = _stackAt[instruction.Offset];
                }

                stack = new Stack<HashSet<WriteOrigin>>(met);
            }
            else if (!reached)
            {
                stack.Clear();
            }

            Step(at, instruction, stack);
            reached = !instruction.EndsBlock;
            if (instruction.Op.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                if (instruction.Code is ILOpCode.Leave or ILOpCode.Leave_s)
                {
                    stack.Clear();
                }

                Meet(instruction.Operand, stack);
            }

            foreach (var target in instruction.Targets ?? [])
            {
                Meet(target, stack);
            }
        }
    }

    private void Meet(int offset, Stack<HashSet<WriteOrigin>> stack)
    {
        HashSet<WriteOrigin>[] incoming = [.. stack.Reverse()];
        if (!_stackAt.TryGetValue(offset, out var known))
        {
            _stackAt[offset] = incoming;
            return;
        }

        if (known.Length != incoming.Length)
        {
            throw new NotUnderstoodException();
        }

        for (var i = 0; i < known.Length; i++)
        {
            known[i] = [.. known[i], .. incoming[i]];
        }
    }

    private void Step(int at, in IlInstruction instruction, Stack<HashSet<WriteOrigin>> stack)
    {
        switch (instruction.Code)
        {
            case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3:
                stack.Push(_slots[instruction.Code - ILOpCode.Ldarg_0]);
                break;
            case ILOpCode.Ldarg or ILOpCode.Ldarg_s:
                stack.Push(_slots[instruction.Operand]);
                break;
            case ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                stack.Push([new WriteOrigin(null, instruction.Operand, IsPlace: true)]);
                break;
            case ILOpCode.Starg or ILOpCode.Starg_s:
                Put(instruction.Operand, stack.Pop());
                break;
            case (>= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3) or ILOpCode.Ldloc or ILOpCode.Ldloc_s:
                stack.Push(_slots[_arguments + instruction.Local]);
                break;
            case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                stack.Push([new WriteOrigin(null, _arguments + instruction.Operand, IsPlace: true)]);
                break;
            case (>= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3) or ILOpCode.Stloc or ILOpCode.Stloc_s:
                Put(_arguments + instruction.Local, stack.Pop());
                break;
            case ILOpCode.Dup:
                stack.Push(stack.Peek());
                break;
            case ILOpCode.Ldsfld or ILOpCode.Ldsflda:
                var read = _code.Field(instruction);
                stack.Push(WrittenStaticRule.IsOfProgram(read) ? [WriteOrigin.Of(StaticKey.Of(read))] : s_none);
                break;
            case ILOpCode.Stsfld:
                var kept = stack.Pop();
                if (_code.Field(instruction) is var set && WrittenStaticRule.IsOfProgram(set))
                {
                    Keep(kept, _summary.Kept);
                    Note(_summary.Writes, (StaticKey.Of(set), _method), IsNothing(at - 1) ? WriteKind.Empties : WriteKind.Fills);
                }

                break;
            case ILOpCode.Ldfld:
                stack.Push(_code.Field(instruction) is { IsStatic: false } field && WrittenStaticRule.CanChange(field.FieldType)
                    ? Inside(stack.Pop()) : None(stack.Pop()));
                break;
            case ILOpCode.Stfld or ILOpCode.Stobj or (>= ILOpCode.Stind_ref and <= ILOpCode.Stind_r8) or ILOpCode.Stind_i:
                var stored = stack.Pop();
                if (instruction.Code != ILOpCode.Stfld || !_code.Field(instruction).Name.StartsWith("<>9", StringComparison.Ordinal))
                {
                    Keep(stored, _summary.Kept);
                }

                Change(stack.Pop(), IsNothing(at - 1) ? WriteKind.Empties : WriteKind.Fills, stored, _method);
                break;
            case ILOpCode.Initobj:
                Change(stack.Pop(), WriteKind.Empties, s_none, _method);
                break;
            case (>= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref) or ILOpCode.Stelem:
                Keep(stack.Pop(), _summary.Kept);
                stack.Pop();
                Change(stack.Pop(), IsNothing(at - 1) ? WriteKind.Empties : WriteKind.Fills, s_none, _method);
                break;
            case ILOpCode.Ldelem_ref or ILOpCode.Ldelem or ILOpCode.Ldelema:
                stack.Pop();
                break;
            case ILOpCode.Ldind_ref or ILOpCode.Ldobj:
                stack.Push(Inside(stack.Pop()));
                break;
            case ILOpCode.Ldflda or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Unbox_any or ILOpCode.Box
                or ILOpCode.Nop or ILOpCode.Constrained or ILOpCode.Readonly or ILOpCode.Volatile or ILOpCode.Unaligned or ILOpCode.Tail:
                break;
            case ILOpCode.Newobj or ILOpCode.Call or ILOpCode.Callvirt:
                Call(_code.Method(instruction), at, stack);
                break;
            case ILOpCode.Ldftn:
                stack.Push([WriteOrigin.Of(_code.Method(instruction))]);
                break;
            case ILOpCode.Ret:
                if (_returns)
                {
                    var returned = Inside(stack.Pop());
                    Keep(returned, _summary.Kept);
                    _summary.Returned.UnionWith(returned);
                }

                break;
            case ILOpCode.Calli:
                throw new NotUnderstoodException();
            default:
                for (var count = StackEffects.Pops(instruction.Op.StackBehaviourPop); count > 0; count--)
                {
                    stack.Pop();
                }

                for (var count = StackEffects.Pushes(instruction.Op.StackBehaviourPush); count > 0; count--)
                {
                    stack.Push(s_none);
                }

                break;
        }
    }

    private static HashSet<WriteOrigin> None(HashSet<WriteOrigin> popped) => popped.Count == 0 ? popped : s_none;

    /// <summary>Whether an instruction loads null, zero or false: what a field holds before anything is written.</summary>
    private bool IsNothing(int at) => at >= 0 && _code.Instructions[at].Code is ILOpCode.Ldnull or ILOpCode.Ldc_i4_0;

    private void Put(int slot, HashSet<WriteOrigin> values)
    {
        foreach (var value in values)
        {
            if (value != new WriteOrigin(null, slot, IsPlace: true))
            {
                _grew |= _slots[slot].Add(value);
            }
        }
    }

    /// <summary>What is in variables instead of the places of these.</summary>
    private HashSet<WriteOrigin> Inside(HashSet<WriteOrigin> values) =>
        values.Any(static value => value.IsPlace)
            ? [.. values.SelectMany(value => value.IsPlace ? _slots[value.Slot] : [value])]
            : values;

    /// <param name="by">Whose instructions change them.</param>
    private void Change(HashSet<WriteOrigin> places, WriteKind kind, HashSet<WriteOrigin> stored, MethodKey by)
    {
        foreach (var place in places.ToArray())
        {
            if (place.Field is { } field)
            {
                Note(_summary.Writes, (field, by), kind);
            }
            else if (place.IsPlace)
            {
                Put(place.Slot, stored);
            }
            else if (place.Function is null)
            {
                var known = _summary.Arguments.Keys.Count(key => key.Argument == place.Slot);
                Note(_summary.Arguments, (place.Slot, known < MaxWritersOfArgument ? by : _method), kind);
            }
        }
    }

    /// <summary>Notes the lambdas among values.</summary>
    private static void Keep(HashSet<WriteOrigin> values, HashSet<MethodKey> known)
    {
        foreach (var value in values)
        {
            if (value.Function is { } function)
            {
                known.Add(function);
            }
        }
    }

    private static void Note<TKey>(Dictionary<TKey, WriteKind> known, TKey key, WriteKind kind)
        where TKey : notnull =>
        known[key] = known.TryGetValue(key, out var before) && before > kind ? before : kind;
}
