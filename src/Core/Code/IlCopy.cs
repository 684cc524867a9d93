using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace MicroSpark.Code;

/// <summary>Copies the instructions of a method into another method, whose first arguments are the same.</summary>
internal static class IlCopy
{
    /// <summary>
    /// Whether an <see cref="ILGenerator"/> can emit every instruction of the method. Looks up every member that the method names.
    /// </summary>
    /// <exception cref="TypeLoadException">A named member is not there. The runtime has other exceptions for the same: see the
    /// caller.</exception>
    public static bool CanCopy(IlCode code) =>
        code.Body.ExceptionHandlingClauses.Count == 0
        && code.Body.LocalVariables.All(local => !local.LocalType.ContainsGenericParameters)
        && code.Instructions.All(at =>
            at.Code is not (ILOpCode.Tail or ILOpCode.Jmp or ILOpCode.Localloc or ILOpCode.Arglist or ILOpCode.Leave)
            && at.Op.OperandType switch
            {
                OperandType.InlineSig => false,
                OperandType.ShortInlineBrTarget => LongForm(at.Op) is not null,
                OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok =>
                    code.Member(at) is not null,
                _ => true,
            });

    /// <summary>Whether it calls what answers otherwise in a copy.</summary>
    public static bool AsksWhoCalls(IlCode code) =>
        code.Instructions.Any(at => at.Op.OperandType == OperandType.InlineMethod && AsksWhoCalls(code.Method(at)));

    /// <summary>
    /// Whether a type has an initializer that runs just before one of its methods is called first. For a copy none does.
    /// </summary>
    public static bool HasPreciseInitializer(Type type) =>
        type.TypeInitializer is not null && (type.Attributes & TypeAttributes.BeforeFieldInit) == 0;

    /// <summary>The offsets that branches go to.</summary>
    public static HashSet<int> BranchTargets(IlCode code)
    {
        var targets = new HashSet<int>();
        foreach (var at in code.Instructions)
        {
            if (at.Op.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                targets.Add(at.Operand);
            }

            targets.UnionWith(at.Targets ?? []);
        }

        return targets;
    }

    /// <summary>Emits the copy. Nothing else may have declared locals before.</summary>
    /// <param name="emit">Is handed the number of each instruction and what emits it.</param>
    public static void Emit(ILGenerator il, IlCode code, Action<int, Action> emit)
    {
        foreach (var local in code.Body.LocalVariables)
        {
            il.DeclareLocal(local.LocalType, local.IsPinned);
        }

        var labels = BranchTargets(code).ToDictionary(offset => offset, _ => il.DefineLabel());
        for (var i = 0; i < code.Instructions.Count; i++)
        {
            var at = code.Instructions[i];
            if (labels.TryGetValue(at.Offset, out var label))
            {
                il.MarkLabel(label);
            }

            emit(i, () => Emit(il, code, at, labels));
        }
    }

    private static bool AsksWhoCalls(MethodBase called) =>
        (called.DeclaringType == typeof(MethodBase) && called.Name == nameof(MethodBase.GetCurrentMethod))
        || called.DeclaringType == typeof(System.Diagnostics.StackTrace) || called.DeclaringType == typeof(System.Diagnostics.StackFrame);

    private static void Emit(ILGenerator il, IlCode code, in IlInstruction at, Dictionary<int, Label> labels)
    {
        switch (at.Op.OperandType)
        {
            case OperandType.InlineNone:
                il.Emit(at.Op);
                break;
            case OperandType.ShortInlineBrTarget:
                il.Emit(LongForm(at.Op)!.Value, labels[at.Operand]);
                break;
            case OperandType.InlineBrTarget:
                il.Emit(at.Op, labels[at.Operand]);
                break;
            case OperandType.InlineSwitch:
                il.Emit(at.Op, [.. at.Targets!.Select(target => labels[target])]);
                break;
            case OperandType.ShortInlineI or OperandType.ShortInlineVar:
                il.Emit(at.Op, (byte)at.Operand);
                break;
            case OperandType.InlineVar:
                il.Emit(at.Op, (short)at.Operand);
                break;
            case OperandType.InlineI:
                il.Emit(at.Op, at.Operand);
                break;
            case OperandType.InlineI8:
                il.Emit(at.Op, code.LongConstant(at));
                break;
            case OperandType.InlineR:
                il.Emit(at.Op, BitConverter.Int64BitsToDouble(code.LongConstant(at)));
                break;
            case OperandType.ShortInlineR:
                il.Emit(at.Op, BitConverter.Int32BitsToSingle(at.Operand));
                break;
            case OperandType.InlineString:
                il.Emit(at.Op, code.Text(at));
                break;
            case OperandType.InlineField:
                il.Emit(at.Op, code.Field(at));
                break;
            case OperandType.InlineType:
                il.Emit(at.Op, code.Type(at));
                break;
            case OperandType.InlineMethod:
                EmitMember(il, at.Op, code.Method(at));
                break;
            case OperandType.InlineTok:
                EmitMember(il, at.Op, code.Member(at));
                break;
            default:
                throw new NotSupportedException($"The instruction {at.Op} cannot be copied.");
        }
    }

    private static void EmitMember(ILGenerator il, OpCode op, MemberInfo member)
    {
        switch (member)
        {
            case ConstructorInfo constructor:
                il.Emit(op, constructor);
                break;
            case MethodInfo method:
                il.Emit(op, method);
                break;
            case FieldInfo field:
                il.Emit(op, field);
                break;
            default:
                il.Emit(op, (Type)member);
                break;
        }
    }

    /// <summary>The same branch to any distance, for the copy is longer than the method; null for those that leave a block.</summary>
    private static OpCode? LongForm(OpCode op) => (ILOpCode)(ushort)op.Value switch
    {
        ILOpCode.Br_s => OpCodes.Br,
        ILOpCode.Brtrue_s => OpCodes.Brtrue,
        ILOpCode.Brfalse_s => OpCodes.Brfalse,
        ILOpCode.Beq_s => OpCodes.Beq,
        ILOpCode.Bne_un_s => OpCodes.Bne_Un,
        ILOpCode.Bge_s => OpCodes.Bge,
        ILOpCode.Bge_un_s => OpCodes.Bge_Un,
        ILOpCode.Bgt_s => OpCodes.Bgt,
        ILOpCode.Bgt_un_s => OpCodes.Bgt_Un,
        ILOpCode.Ble_s => OpCodes.Ble,
        ILOpCode.Ble_un_s => OpCodes.Ble_Un,
        ILOpCode.Blt_s => OpCodes.Blt,
        ILOpCode.Blt_un_s => OpCodes.Blt_Un,
        _ => null,
    };
}
