using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Hashing;

/// <summary>What runs when a try block is left: it is not walked, so what it sets is anything behind the block.</summary>
internal static class FinallyBlocks
{
    /// <summary>The numbers of the variables that they set, or give to somebody who may.</summary>
    /// <exception cref="NotUnderstoodException">A block catches exceptions, or one sets an argument.</exception>
    public static HashSet<int> SetBy(IlCode code)
    {
        HashSet<int> set = [];
        foreach (var clause in code.Body.ExceptionHandlingClauses)
        {
            if (clause.Flags != ExceptionHandlingClauseOptions.Finally)
            {
                throw new NotUnderstoodException();
            }

            foreach (var il in code.Instructions)
            {
                if (il.Offset >= clause.HandlerOffset && il.Offset < clause.HandlerOffset + clause.HandlerLength)
                {
                    Add(set, il);
                }
            }
        }

        return set;
    }

    private static void Add(HashSet<int> set, IlInstruction il)
    {
        switch (il.Code)
        {
            case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
            case ILOpCode.Stloc_0 or ILOpCode.Stloc_1 or ILOpCode.Stloc_2 or ILOpCode.Stloc_3 or ILOpCode.Stloc or ILOpCode.Stloc_s:
                set.Add(il.Local);
                break;
            case ILOpCode.Starg or ILOpCode.Starg_s or ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                throw new NotUnderstoodException();
        }
    }
}
