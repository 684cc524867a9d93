using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>What a method does with the address of a static field that it takes.</summary>
internal static class FieldAddress
{
    /// <summary>
    /// Whether an address is taken only to read: one of its value's fields, or by a method of the value that cannot change it. The copy's
    /// address ends with the method, so it must go nowhere else.
    /// </summary>
    public static bool IsOnlyRead(IlCode code, int at)
    {
        var instructions = code.Instructions;
        var field = code.Field(instructions[at]);
        if (TakerOf(code, at) is not { } taker)
        {
            return false;
        }

        if (instructions[taker].Code == ILOpCode.Ldfld)
        {
            return true;
        }

        var type = field.FieldType;
        return IlTokens.Resolve(code.Method, instructions[taker]) is MethodInfo { IsStatic: false } callee
            && (callee.DeclaringType == type || instructions[taker - 1].Code == ILOpCode.Constrained)
            && !callee.ReturnType.IsByRef && !callee.ReturnType.IsByRefLike
            && (field.IsInitOnly || type.IsPrimitive || type.IsEnum || Nullable.GetUnderlyingType(type) is not null
                || IlTokens.Has<IsReadOnlyAttribute>(type));
    }

    /// <summary>
    /// The instruction that takes what another one has pushed, when nothing between them branches: a field's read, or a call whose object
    /// it is; null for any other.
    /// </summary>
    private static int? TakerOf(IlCode code, int pushed)
    {
        var above = 0;
        for (var at = pushed + 1; at < code.Instructions.Count; at++)
        {
            var instruction = code.Instructions[at];
            if (instruction.Op.FlowControl == FlowControl.Call)
            {
                if (instruction.Code == ILOpCode.Calli || IlTokens.Resolve(code.Method, instruction) is not { } callee)
                {
                    return null;
                }

                var arguments = callee.GetParameters().Length;
                var takes = arguments + (callee.IsStatic || instruction.Code == ILOpCode.Newobj ? 0 : 1);
                if (takes > above)
                {
                    return takes == arguments + 1 && above == arguments ? at : null;
                }

                var gives = instruction.Code == ILOpCode.Newobj || (callee is MethodInfo method && method.ReturnType != typeof(void));
                above += (gives ? 1 : 0) - takes;
                continue;
            }

            if (instruction.Op.FlowControl is not (FlowControl.Next or FlowControl.Meta)
                || instruction.Op.StackBehaviourPop == StackBehaviour.Varpop)
            {
                return null;
            }

            var pops = StackEffects.Pops(instruction.Op.StackBehaviourPop);
            if (pops > above)
            {
                return instruction.Code == ILOpCode.Ldfld ? at : null;
            }

            above += StackEffects.Pushes(instruction.Op.StackBehaviourPush) - pops;
        }

        return null;
    }
}
