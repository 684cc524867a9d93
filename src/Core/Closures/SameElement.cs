using System.Reflection.Metadata;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>Recognises <c>x => x</c> by its code: a sort by such a key needs none beside the elements.</summary>
internal static class SameElement
{
    public static bool Is<T>(Func<T, T> function)
    {
        if (!function.HasSingleTarget || function.Method is System.Reflection.Emit.DynamicMethod
            || IlCode.Of(function.Method) is not { } code)
        {
            return false;
        }

        // The one parameter is argument 1 behind 'this', or behind the target of a static method's delegate.
        var parameter = function.Method.IsStatic && function.Target is null ? ILOpCode.Ldarg_0 : ILOpCode.Ldarg_1;
        return code.Instructions.Count == 2 && code.Instructions[0].Code == parameter && code.Instructions[1].Code == ILOpCode.Ret;
    }
}
