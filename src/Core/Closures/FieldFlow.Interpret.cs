using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <content>One pass over the instructions of a method.</content>
internal sealed partial class FieldFlow
{
    private void Interpret(Frame frame, IlCode code)
    {
        var stack = new Stack<FlowValue>();
        foreach (var clause in code.Body.ExceptionHandlingClauses)
        {
            if (clause.Flags is ExceptionHandlingClauseOptions.Clause or ExceptionHandlingClauseOptions.Filter)
            {
                frame.StackAt[clause.HandlerOffset] = [FlowValue.None];
            }

            if (clause.Flags == ExceptionHandlingClauseOptions.Filter)
            {
                frame.StackAt[clause.FilterOffset] = [FlowValue.None];
            }
        }

        var reached = true;
        for (var i = 0; i < code.Instructions.Count; i++)
        {
            var instruction = code.Instructions[i];
            if (frame.StackAt.TryGetValue(instruction.Offset, out var met))
            {
                if (reached)
                {
                    Meet(frame, instruction.Offset, stack);
                    met = frame.StackAt[instruction.Offset];
                }

                stack = new Stack<FlowValue>(met);
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

            foreach (var target in instruction.Targets ?? [])
            {
                Meet(frame, target, stack);
            }
        }
    }

    /// <summary>Joins the stack into what is known where two ways meet.</summary>
    private void Meet(Frame frame, int offset, Stack<FlowValue> stack)
    {
        FlowValue[] incoming = [.. stack.Reverse()];
        if (!frame.StackAt.TryGetValue(offset, out var known))
        {
            frame.StackAt[offset] = incoming;
            _objects.Changed |= Array.Exists(incoming, value => value.IsFollowed);
            return;
        }

        if (known.Length != incoming.Length)
        {
            throw new NotUnderstoodException();
        }

        for (var i = 0; i < known.Length; i++)
        {
            known[i] = known[i].With(incoming[i], ref _objects.Changed);
        }
    }

    private void Step(Frame frame, IlCode code, IlInstruction instruction, Stack<FlowValue> stack)
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
                var argument = instruction.Operand;
                frame.Arguments[argument] = frame.Arguments[argument].With(stack.Pop(), ref _objects.Changed);
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
                var field = code.Field(instruction);
                var owner = stack.Pop();
                stack.Push(field.IsStatic ? FlowValue.None : _objects.ReadField(owner, field, instruction.Code == ILOpCode.Ldflda));
                break;
            case ILOpCode.Stfld:
                var stored = stack.Pop();
                _objects.WriteField(stack.Pop(), code.Field(instruction), stored);
                break;
            case ILOpCode.Ldftn:
                stack.Push(new FlowValue(null, code.Method(instruction)));
                break;
            case ILOpCode.Ldvirtftn:
                stack.Pop();
                stack.Push(new FlowValue(null, code.Method(instruction), isVirtual: true));
                break;
            case ILOpCode.Newobj:
                stack.Push(New(code.Method(instruction), stack));
                break;
            case ILOpCode.Call or ILOpCode.Callvirt:
                var callee = code.Method(instruction);
                var result = Call(
                    callee, instruction.Code == ILOpCode.Callvirt, PopArguments(callee, stack, withThis: !callee.IsStatic));
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
                    frame.Returned = frame.Returned.With(stack.Pop(), ref _objects.Changed);
                }

                break;
            default:
                Default(instruction, stack);
                break;
        }
    }

    private static FlowValue Argument(Frame frame, int index) => frame.Arguments[index];

    private void StoreLocal(Frame frame, int index, FlowValue value) =>
        frame.Locals[index] = frame.Locals[index].With(value, ref _objects.Changed);

    private void NoteWrite(IlInstruction instruction, FlowValue address) =>
        _objects.Writes |= instruction.Code == ILOpCode.Initobj && FlowObjects.HasCaptured(address);

    private FlowValue New(MethodBase constructor, Stack<FlowValue> stack)
    {
        var arguments = PopArguments(constructor, stack, withThis: false);
        var type = constructor.DeclaringType!;
        if (typeof(Delegate).IsAssignableFrom(type) && arguments.Length == 2)
        {
            MakeDelegate(arguments[0], arguments[1]);
            return FlowValue.None;
        }

        _objects.Escape(arguments);
        return CompilerMade.Is(type) && CanRun(constructor) ? _objects.Created(type) : FlowValue.None;
    }

    private static FlowValue[] PopArguments(MethodBase method, Stack<FlowValue> stack, bool withThis)
    {
        var arguments = new FlowValue[method.GetParameters().Length + (withThis ? 1 : 0)];
        for (var i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i] = stack.Pop();
        }

        return arguments;
    }

    /// <summary>Comparing is harmless; everything else that takes a followed value takes all of it.</summary>
    private void Default(IlInstruction instruction, Stack<FlowValue> stack)
    {
        var harmless = instruction.Op.FlowControl == FlowControl.Cond_Branch
            || instruction.Code is ILOpCode.Ceq or ILOpCode.Cgt_un or ILOpCode.Clt_un or ILOpCode.Cgt or ILOpCode.Clt;
        for (var count = StackEffects.Pops(instruction.Op.StackBehaviourPop); count > 0; count--)
        {
            var value = stack.Pop();
            if (!harmless)
            {
                _objects.Escape(value);
                _objects.Writes |= FlowObjects.HasCaptured(value) && instruction.Op.Name!.StartsWith("st", StringComparison.Ordinal);
            }
        }

        for (var count = StackEffects.Pushes(instruction.Op.StackBehaviourPush); count > 0; count--)
        {
            stack.Push(FlowValue.None);
        }
    }
}
