using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace MicroSpark.Closures;

/// <content>One pass over the instructions of a method.</content>
internal sealed partial class FieldFlow
{
    private void Interpret(Frame frame, IlCode code)
    {
        var stack = new Stack<Value>();
        foreach (ExceptionHandlingClause clause in code.Body.ExceptionHandlingClauses)
        {
            if (clause.Flags is ExceptionHandlingClauseOptions.Clause or ExceptionHandlingClauseOptions.Filter)
            {
                frame.StackAt[clause.HandlerOffset] = [Value.None];
            }

            if (clause.Flags == ExceptionHandlingClauseOptions.Filter)
            {
                frame.StackAt[clause.FilterOffset] = [Value.None];
            }
        }

        bool reached = true;
        for (int i = 0; i < code.Instructions.Count; i++)
        {
            IlInstruction instruction = code.Instructions[i];
            if (frame.StackAt.TryGetValue(instruction.Offset, out Value[]? met))
            {
                if (reached)
                {
                    Meet(frame, instruction.Offset, stack);
                    met = frame.StackAt[instruction.Offset];
                }

                stack = new Stack<Value>(met);
            }
            else if (!reached)
            {
                stack.Clear();
            }

            Step(frame, code, instruction, stack);
            reached = !instruction.EndsBlock;
            if (instruction.Op.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                if (instruction.Code is ILOpCode.Leave or ILOpCode.Leave_s)
                {
                    stack.Clear();
                }

                Meet(frame, instruction.Operand, stack);
            }

            foreach (int target in instruction.Targets ?? [])
            {
                Meet(frame, target, stack);
            }
        }
    }

    /// <summary>Joins the stack into what is known where two ways meet.</summary>
    private void Meet(Frame frame, int offset, Stack<Value> stack)
    {
        Value[] incoming = [.. stack.Reverse()];
        if (!frame.StackAt.TryGetValue(offset, out Value[]? known))
        {
            frame.StackAt[offset] = incoming;
            _changed |= Array.Exists(incoming, value => value.IsFollowed);
            return;
        }

        if (known.Length != incoming.Length)
        {
            throw new NotUnderstoodException();
        }

        for (int i = 0; i < known.Length; i++)
        {
            known[i] = known[i].With(incoming[i], ref _changed);
        }
    }

    private void Step(Frame frame, IlCode code, IlInstruction instruction, Stack<Value> stack)
    {
        switch (instruction.Code)
        {
            case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3:
                stack.Push(Argument(frame, instruction.Code - ILOpCode.Ldarg_0));
                break;
            case ILOpCode.Ldarg or ILOpCode.Ldarg_s or ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                stack.Push(Argument(frame, instruction.Operand));
                break;
            case ILOpCode.Starg or ILOpCode.Starg_s:
                int argument = instruction.Operand;
                frame.Arguments[argument] = frame.Arguments[argument].With(stack.Pop(), ref _changed);
                break;
            case >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3:
                stack.Push(frame.Locals[instruction.Code - ILOpCode.Ldloc_0]);
                break;
            case ILOpCode.Ldloc or ILOpCode.Ldloc_s or ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                stack.Push(frame.Locals[instruction.Operand]);
                break;
            case >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3:
                StoreLocal(frame, instruction.Code - ILOpCode.Stloc_0, stack.Pop());
                break;
            case ILOpCode.Stloc or ILOpCode.Stloc_s:
                StoreLocal(frame, instruction.Operand, stack.Pop());
                break;
            case ILOpCode.Dup:
                stack.Push(stack.Peek());
                break;
            case ILOpCode.Pop or ILOpCode.Initobj:
                NoteWrite(instruction, stack.Pop());
                break;
            case ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Nop or ILOpCode.Constrained or ILOpCode.Readonly or ILOpCode.Volatile
                or ILOpCode.Unaligned or ILOpCode.Tail:
                break;
            case ILOpCode.Ldfld or ILOpCode.Ldflda:
                FieldInfo field = code.Field(instruction);
                Value owner = stack.Pop();
                stack.Push(field.IsStatic ? Value.None : ReadField(owner, field, instruction.Code == ILOpCode.Ldflda));
                break;
            case ILOpCode.Stfld:
                Value stored = stack.Pop();
                WriteField(stack.Pop(), code.Field(instruction), stored);
                break;
            case ILOpCode.Ldftn:
                stack.Push(new Value(null, code.Method(instruction)));
                break;
            case ILOpCode.Ldvirtftn:
                stack.Pop();
                stack.Push(new Value(null, code.Method(instruction), isVirtual: true));
                break;
            case ILOpCode.Newobj:
                stack.Push(New(code.Method(instruction), stack));
                break;
            case ILOpCode.Call or ILOpCode.Callvirt:
                MethodBase callee = code.Method(instruction);
                Value result = Call(callee, instruction.Code == ILOpCode.Callvirt, PopArguments(callee, stack, withThis: !callee.IsStatic));
                if (callee is MethodInfo { ReturnType: var type } && type != typeof(void))
                {
                    stack.Push(result);
                }

                break;
            case ILOpCode.Calli:
                throw new NotUnderstoodException();
            case ILOpCode.Ret:
                if (frame.Method is MethodInfo { ReturnType: var returned } && returned != typeof(void))
                {
                    frame.Returned = frame.Returned.With(stack.Pop(), ref _changed);
                }

                break;
            default:
                Default(instruction, stack);
                break;
        }
    }

    private static Value Argument(Frame frame, int index) => frame.Arguments[index];

    private void StoreLocal(Frame frame, int index, Value value) => frame.Locals[index] = frame.Locals[index].With(value, ref _changed);

    private void NoteWrite(IlInstruction instruction, Value address) =>
        _writes |= instruction.Code == ILOpCode.Initobj && HasCaptured(address);

    private Value New(MethodBase constructor, Stack<Value> stack)
    {
        Value[] arguments = PopArguments(constructor, stack, withThis: false);
        Type type = constructor.DeclaringType!;
        if (typeof(Delegate).IsAssignableFrom(type) && arguments.Length == 2)
        {
            MakeDelegate(arguments[0], arguments[1]);
            return Value.None;
        }

        Escape(arguments);
        return CompilerMade.Is(type) && CanRun(constructor) ? Created(type) : Value.None;
    }

    private static Value[] PopArguments(MethodBase method, Stack<Value> stack, bool withThis)
    {
        var arguments = new Value[method.GetParameters().Length + (withThis ? 1 : 0)];
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i] = stack.Pop();
        }

        return arguments;
    }

    /// <summary>Comparing is harmless; everything else that takes a followed value takes all of it.</summary>
    private void Default(IlInstruction instruction, Stack<Value> stack)
    {
        bool harmless = instruction.Op.FlowControl == FlowControl.Cond_Branch
            || instruction.Code is ILOpCode.Ceq or ILOpCode.Cgt_un or ILOpCode.Clt_un or ILOpCode.Cgt or ILOpCode.Clt;
        for (int count = Pops(instruction.Op.StackBehaviourPop); count > 0; count--)
        {
            Value value = stack.Pop();
            if (!harmless)
            {
                Escape(value);
                _writes |= HasCaptured(value) && instruction.Op.Name!.StartsWith("st", StringComparison.Ordinal);
            }
        }

        for (int count = Pushes(instruction.Op.StackBehaviourPush); count > 0; count--)
        {
            stack.Push(Value.None);
        }
    }

    private static bool HasCaptured(Value value)
    {
        foreach (Site site in value.Sites)
        {
            if (site is CapturedSite)
            {
                return true;
            }
        }

        return false;
    }

    private static int Pops(StackBehaviour behaviour) => behaviour switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8 or StackBehaviour.Popi_popr4
            or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_pop1 or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8
            or StackBehaviour.Popref_popi_popr4 or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref => 3,
        _ => throw new NotUnderstoodException(),
    };

    private static int Pushes(StackBehaviour behaviour) => behaviour switch
    {
        StackBehaviour.Push0 => 0,
        StackBehaviour.Push1_push1 => 2,
        StackBehaviour.Varpush => throw new NotUnderstoodException(),
        _ => 1,
    };
}
