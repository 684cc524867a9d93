using System.Reflection;
using System.Reflection.Emit;

namespace MicroSpark.Stages;

/// <summary>
/// Tells functions that cannot throw: plain arithmetic on arguments and captured numbers. A loop of only such functions keeps no
/// record of where it is, which would cost stores per element. A "no" is always safe.
/// </summary>
internal static class ThrowAnalysis
{
    private const int LongestScanned = 256;

    private static readonly OpCode?[] s_harmless = BuildTable();

    public static bool CanThrow(MethodInfo method)
    {
        try
        {
            var body = method.GetMethodBody();
            var il = body?.GetILAsByteArray();
            return il is null || il.Length > LongestScanned || body!.ExceptionHandlingClauses.Count > 0 || !AllHarmless(il);
        }
        catch (InvalidOperationException)
        {
            // No body to read (emitted at run time): treat it as one that can.
            return true;
        }
    }

    /// <summary>
    /// Whether a call is over within nanoseconds: plain arithmetic without a loop. A run of such calls needs no look at its end.
    /// </summary>
    public static bool IsBrief(MethodInfo method) => !CanThrow(method) && !Loops(method.GetMethodBody()!.GetILAsByteArray()!);

    /// <summary>Whether harmless code has a branch back.</summary>
    private static bool Loops(byte[] il)
    {
        for (var i = 0; i < il.Length;)
        {
            int code = il[i++];
            if (code == 0xFE)
            {
                i++;
                continue;
            }

            // A field of the function's own object is the one that the table does not have.
            var operand = s_harmless[code]?.OperandType ?? (code == 0x7B ? OperandType.InlineField : OperandType.InlineNone);
            if ((operand == OperandType.ShortInlineBrTarget && (sbyte)il[i] < 0)
                || (operand == OperandType.InlineBrTarget && BitConverter.ToInt32(il, i) < 0))
            {
                return true;
            }

            i += OperandSize(operand);
        }

        return false;
    }

    private static bool AllHarmless(byte[] il)
    {
        var nonZeroConstant = false;
        var loadsThis = false;
        for (var i = 0; i < il.Length;)
        {
            int code = il[i++];
            if (code == 0xFE)
            {
                if (i >= il.Length || il[i] > 0x05)
                {
                    return false;
                }

                // ceq, cgt, cgt.un, clt, clt.un
                if (il[i++] == 0x00)
                {
                    return false;
                }

                nonZeroConstant = loadsThis = false;
                continue;
            }

            var op = s_harmless[code];
            if (op is null)
            {
                var isDivision = code is 0x5B or 0x5C or 0x5D or 0x5E;
                var isOwnField = code == 0x7B;
                if (!(isDivision && nonZeroConstant) && !(isOwnField && loadsThis))
                {
                    return false;
                }

                i += isOwnField ? 4 : 0;
                nonZeroConstant = loadsThis = false;
                continue;
            }

            // Division by a constant that is neither 0 nor -1 cannot fail; a conversion of that constant keeps it so.
            nonZeroConstant = IsSafeDivisor(code, il, i) || (nonZeroConstant && code is 0x69 or 0x6A);
            loadsThis = code == 0x02;
            i += OperandSize(op.Value.OperandType);
        }

        return true;
    }

    private static bool IsSafeDivisor(int code, byte[] il, int operand) => code switch
    {
        >= 0x17 and <= 0x1E => true,
        0x1F => (sbyte)il[operand] is not (0 or -1),
        0x20 => BitConverter.ToInt32(il, operand) is not (0 or -1),
        0x21 => BitConverter.ToInt64(il, operand) is not (0 or -1),
        _ => false,
    };

    private static int OperandSize(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    /// <summary>One-byte opcodes that cannot throw: loads, stores, constants, branches, unchecked arithmetic and conversions.</summary>
    private static OpCode?[] BuildTable()
    {
        var table = new OpCode?[256];
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var op = (OpCode)field.GetValue(null)!;
            if (op.Size != 1)
            {
                continue;
            }

            var value = op.Value & 0xff;
            var harmless = value is 0x00 or (>= 0x02 and <= 0x13) or (>= 0x15 and <= 0x26) or 0x2A or (>= 0x2B and <= 0x44)
                or (>= 0x58 and <= 0x5A) or (>= 0x5F and <= 0x6E);
            if (harmless && op.OperandType != OperandType.InlineSwitch)
            {
                table[value] = op;
            }
        }

        return table;
    }
}
