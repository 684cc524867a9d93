using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using MicroSpark.Closures;
using MicroSpark.Code;

namespace MicroSpark.Stages.Splitting;

/// <summary>
/// Follows the instructions of a function up to its call of <c>Split</c>. It knows the few instructions that C# compilers emit for
/// constants, arrays of constants, and captured variables as arguments. Any other instruction ends it without a result.
/// </summary>
internal static class SplitEvaluator
{
    private static readonly object s_line = new();
    private static readonly object s_address = new();

    /// <summary>Stands for a null or empty list of separators, which <c>Split</c> takes for white space.</summary>
    internal sealed class NoCharacters
    {
        public static NoCharacters Instance { get; } = new();
    }

    /// <summary>The values of the arguments behind the line; null when the function is not just the call.</summary>
    public static object?[]? ArgumentsOf(IlCode code, Delegate function)
    {
        var lineArgument = function.Method.IsStatic && function.Target is null ? 0 : 1;
        var stack = new Stack<object?>();
        foreach (var at in code.Instructions)
        {
            switch (at.Code)
            {
                case ILOpCode.Nop:
                    break;
                case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3:
                    var argument = (int)(at.Code - ILOpCode.Ldarg_0);
                    stack.Push(argument == lineArgument ? s_line : function.Target);
                    break;
                case >= ILOpCode.Ldc_i4_0 and <= ILOpCode.Ldc_i4_8:
                    stack.Push((int)(at.Code - ILOpCode.Ldc_i4_0));
                    break;
                case ILOpCode.Ldc_i4_s or ILOpCode.Ldc_i4:
                    stack.Push(at.Operand);
                    break;
                case ILOpCode.Ldnull:
                    stack.Push(null);
                    break;
                case ILOpCode.Ldstr:
                    stack.Push(code.Text(at));
                    break;
                case ILOpCode.Ldtoken:
                    stack.Push(code.Field(at));
                    break;
                case ILOpCode.Dup:
                    stack.Push(stack.Peek());
                    break;
                case ILOpCode.Ldfld when stack.Pop() is { } owner && code.Field(at) is var field
                    && field.DeclaringType!.IsInstanceOfType(owner):
                    stack.Push(Captured(field, owner));
                    break;
                case ILOpCode.Newarr when stack.Pop() is int length and >= 0 and <= byte.MaxValue:
                    stack.Push(new char[length]);
                    break;
                case ILOpCode.Stelem_i2:
                    var (item, index) = (stack.Pop(), stack.Pop());
                    if (item is not int character || index is not int place || stack.Pop() is not char[] array
                        || (uint)place >= (uint)array.Length)
                    {
                        return null;
                    }

                    array[place] = (char)character;
                    break;
                case ILOpCode.Ldloca_s:
                    // Split() passes an empty span, made in a local.
                    stack.Push(s_address);
                    break;
                case ILOpCode.Initobj when stack.Pop() == s_address:
                    break;
                case ILOpCode.Ldloc_0 when code.Body.LocalVariables is [{ LocalType: var local }] && local == typeof(ReadOnlySpan<char>):
                    stack.Push(NoCharacters.Instance);
                    break;
                case ILOpCode.Call or ILOpCode.Callvirt when code.Method(at) is { } called:
                    if (called.DeclaringType == typeof(string) && called.Name == nameof(string.Split))
                    {
                        return Arguments(called, stack);
                    }

                    if (!TryMakeCharacters(called, stack))
                    {
                        return null;
                    }

                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>The call's arguments on the stack, if the overload has no count and the line itself is split.</summary>
    private static object?[]? Arguments(MethodBase split, Stack<object?> stack)
    {
        var parameters = split.GetParameters();
        if (parameters.Length is 0 or > 2 || (parameters.Length == 2 && parameters[1].ParameterType != typeof(StringSplitOptions))
            || stack.Count != parameters.Length + 1)
        {
            return null;
        }

        var arguments = new object?[parameters.Length];
        for (var i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i] = stack.Pop();
        }

        // A null string is a separator that occurs nowhere; a null array is white space.
        if (arguments[0] is null && parameters[0].ParameterType != typeof(string))
        {
            arguments[0] = NoCharacters.Instance;
        }

        return stack.Pop() == s_line && arguments.All(a => a != s_line) ? arguments : null;
    }

    private static bool TryMakeCharacters(MethodBase called, Stack<object?> stack)
    {
        if (called.DeclaringType == typeof(RuntimeHelpers) && stack.TryPop(out var top) && top is FieldInfo data)
        {
            if (called.Name == nameof(RuntimeHelpers.CreateSpan) && called.GetGenericArguments() is [var element] && element == typeof(char)
                && data.FieldType.StructLayoutAttribute is { Size: > 0 and <= byte.MaxValue } layout)
            {
                var characters = new char[layout.Size / sizeof(char)];
                RuntimeHelpers.InitializeArray(characters, data.FieldHandle);
                stack.Push(characters);
                return true;
            }

            // The array stays on the stack: it was duplicated for this call.
            if (called.Name == nameof(RuntimeHelpers.InitializeArray) && stack.TryPop(out var target) && target is char[] array)
            {
                RuntimeHelpers.InitializeArray(array, data.FieldHandle);
                return true;
            }

            return false;
        }

        if (called.DeclaringType == typeof(Array) && called.Name == nameof(Array.Empty))
        {
            stack.Push(NoCharacters.Instance);
            return true;
        }

        // An array becomes a span: the characters are the same.
        return called is { Name: "op_Implicit" } && called.DeclaringType == typeof(ReadOnlySpan<char>) && stack.TryPeek(out var source)
            && source is char[];
    }

    private static object? Captured(FieldInfo field, object owner) => field.GetValue(owner) switch
    {
        char character => (int)character,
        StringSplitOptions options => (int)options,
        char[] characters => characters.Clone(),
        var other => other,
    };
}
