using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

namespace MicroSpark.Code;

/// <summary>One instruction of a method. <see cref="Operand"/> is a token, a number, or the offset that a branch goes to.</summary>
internal readonly record struct IlInstruction(int Offset, int Next, OpCode Op, int Operand, int[]? Targets)
{
    public ILOpCode Code => (ILOpCode)(ushort)Op.Value;

    /// <summary>The number of the variable that it reads, sets or takes the address of.</summary>
    public int Local => Code switch
    {
        >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3 => Code - ILOpCode.Ldloc_0,
        >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3 => Code - ILOpCode.Stloc_0,
        _ => Operand,
    };

    public bool EndsBlock => Op.FlowControl is FlowControl.Branch or FlowControl.Return or FlowControl.Throw;
}

/// <summary>The instructions of a method, with its tokens resolved in its own generic context.</summary>
internal sealed class IlCode
{
    private static readonly OpCode[] s_short = new OpCode[256];
    private static readonly OpCode[] s_long = new OpCode[256];
    private readonly MethodBase _method;
    private readonly byte[] _bytes;
    private readonly Type[]? _typeArguments;
    private readonly Type[]? _methodArguments;

    static IlCode()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var op = (OpCode)field.GetValue(null)!;
            (op.Size == 1 ? s_short : s_long)[(byte)op.Value] = op;
        }
    }

    private IlCode(MethodBase method, MethodBody body)
    {
        _method = method;
        Body = body;
        _typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        _bytes = body.GetILAsByteArray() ?? [];
        Instructions = Read(_bytes);
    }

    public MethodBody Body { get; }

    public IReadOnlyList<IlInstruction> Instructions { get; }

    /// <summary>
    /// Null for methods without IL (abstract, extern, or made by the runtime), and for those whose IL cannot be read: it has variables of
    /// types that are not there, or is none.
    /// </summary>
    public static IlCode? Of(MethodBase method)
    {
        try
        {
            return method.GetMethodBody() is { } body ? new IlCode(method, body) : null;
        }
        catch (Exception error) when (IlTokens.IsUnreadable(error))
        {
            return null;
        }
    }

    public FieldInfo Field(in IlInstruction instruction) =>
        _method.Module.ResolveField(instruction.Operand, _typeArguments, _methodArguments)!;

    public MethodBase Method(in IlInstruction instruction) =>
        _method.Module.ResolveMethod(instruction.Operand, _typeArguments, _methodArguments)!;

    public Type Type(in IlInstruction instruction) => _method.Module.ResolveType(instruction.Operand, _typeArguments, _methodArguments);

    /// <summary>A type, method or field, whichever the token means.</summary>
    public MemberInfo Member(in IlInstruction instruction) =>
        _method.Module.ResolveMember(instruction.Operand, _typeArguments, _methodArguments)!;

    /// <summary>The constant of an instruction that has one of eight bytes, as bits.</summary>
    public long LongConstant(in IlInstruction instruction) =>
        BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(instruction.Next - sizeof(long)));

    public string Text(in IlInstruction instruction) => _method.Module.ResolveString(instruction.Operand);

    /// <summary>The instructions of a body.</summary>
    /// <exception cref="BadImageFormatException">An instruction is unknown, goes on behind the end, or branches into another.</exception>
    public static List<IlInstruction> Read(ReadOnlySpan<byte> il)
    {
        var instructions = new List<IlInstruction>();
        var starts = new HashSet<int>();
        for (var at = 0; at < il.Length;)
        {
            var start = at;
            var op = il[at] != 0xFE ? s_short[il[at]] : at + 1 < il.Length ? s_long[il[at + 1]] : default;
            at += op.Size;
            if (op.Size == 0 || at + LengthOf(op, il[at..]) > il.Length)
            {
                throw new BadImageFormatException();
            }

            var operand = 0;
            int[]? targets = null;
            switch (op.OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget:
                    operand = (sbyte)il[at] + at + 1;
                    at++;
                    break;
                case OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    operand = il[at++];
                    break;
                case OperandType.InlineVar:
                    operand = BinaryPrimitives.ReadUInt16LittleEndian(il[at..]);
                    at += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                case OperandType.InlineSwitch:
                    targets = new int[BinaryPrimitives.ReadInt32LittleEndian(il[at..])];
                    var end = at + 4 + (4 * targets.Length);
                    for (var i = 0; i < targets.Length; i++)
                    {
                        targets[i] = end + BinaryPrimitives.ReadInt32LittleEndian(il[(at + 4 + (4 * i))..]);
                    }

                    at = end;
                    break;
                default:
                    operand = BinaryPrimitives.ReadInt32LittleEndian(il[at..]);
                    at += 4;
                    operand += op.OperandType == OperandType.InlineBrTarget ? at : 0;
                    break;
            }

            starts.Add(start);
            instructions.Add(new IlInstruction(start, at, op, operand, targets));
        }

        foreach (var instruction in instructions)
        {
            var isBranch = instruction.Op.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget;
            if ((isBranch && !starts.Contains(instruction.Operand)) || instruction.Targets?.All(starts.Contains) == false)
            {
                throw new BadImageFormatException();
            }
        }

        return instructions;
    }

    /// <summary>How many bytes an instruction's operand takes.</summary>
    private static long LengthOf(OpCode op, ReadOnlySpan<byte> operand) => op.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch when operand.Length >= 4 => 4 + (4L * BinaryPrimitives.ReadUInt32LittleEndian(operand)),
        _ => 4,
    };
}

/// <summary>
/// What the C# compiler made on the user's behalf: classes of captured variables, lambdas, local functions, state machines.
/// </summary>
internal static class CompilerMade
{
    /// <summary>Why nothing that the compiler made of MicroSpark's own source travels.</summary>
    public const string HasNoName =
        "it is an iterator or a lambda of MicroSpark's own, whose name another patch may give to something else. Make an array of a "
        + "sequence before.";

    public static bool Is(Type type) =>
        type.Name.StartsWith('<') || type.Name.Contains('$') || IlTokens.Has<CompilerGeneratedAttribute>(type);

    /// <summary>
    /// A method that is a part of another one: a lambda, a local function, or anything in a class that the compiler made.
    /// </summary>
    public static bool Is(MethodBase method) =>
        (method.Name.StartsWith('<') && !method.Name.EndsWith(">$", StringComparison.Ordinal))
            || (method.DeclaringType is { } type && Is(type));

    /// <summary>The body of an async method or an iterator, which is in its state machine; null for other methods.</summary>
    public static MethodInfo? BodyOf(MethodBase method)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        try
        {
            if (method.GetCustomAttribute<StateMachineAttribute>(inherit: false)?.StateMachineType is not { } machine)
            {
                return null;
            }

            if (machine.IsGenericTypeDefinition)
            {
                // Its parameters are those of the class around it, then those of the method.
                Type[] arguments =
                [
                    .. method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : [],
                    .. method.IsGenericMethod ? method.GetGenericArguments() : [],
                ];
                machine = machine.MakeGenericType(arguments);
            }

            return machine.GetMethod(nameof(IAsyncStateMachine.MoveNext), Own, Type.EmptyTypes);
        }
        catch (Exception error) when (IlTokens.IsUnreadable(error))
        {
            return null; // one of its attributes is not there
        }
    }

    /// <summary>An async method's or an iterator's body: it is called by whoever awaits or enumerates, not by name.</summary>
    public static bool IsStateMachine(Type type) =>
        Is(type) && (typeof(IAsyncStateMachine).IsAssignableFrom(type) || typeof(System.Collections.IEnumerator).IsAssignableFrom(type));

    /// <summary>A class of captured variables, or the one behind lambdas that capture nothing.</summary>
    public static bool IsClosure(Type type) =>
        Is(type) && (type.Name.StartsWith("<>c", StringComparison.Ordinal) || type.Name.StartsWith("_Closure$", StringComparison.Ordinal));

    /// <summary>A delegate that a class of captured variables keeps for reuse: null is as good.</summary>
    public static bool IsDelegateCache(FieldInfo field) => field.Name.StartsWith("<>9", StringComparison.Ordinal);
}
