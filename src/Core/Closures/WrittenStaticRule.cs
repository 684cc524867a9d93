using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>A static field that a lambda comes to and that other code of the program has written.</summary>
/// <param name="By">The method that reads it.</param>
/// <param name="Writer">The one that writes.</param>
/// <param name="HasWritten">Whether it holds something else now than its initializer makes, as far as that is known.</param>
internal sealed record WrittenStaticUse(FieldInfo Field, MethodBase By, MethodBase Writer, bool HasWritten);

/// <summary>The static fields that a lambda comes to and whose value can change, with the methods that it comes to.</summary>
internal sealed record StaticReads(IReadOnlyList<(FieldInfo Field, MethodBase By)> Fields, IReadOnlySet<MethodKey> OwnPath);

/// <summary>
/// No worker runs what the program does before it declares a lambda. A static field that such code writes, or fills the object in, has
/// another value there. What only the initializer and the lambda's own path write is made again by each worker, and is let through.
/// </summary>
/// <remarks>
/// A writer elsewhere may not have run, as a setter that nobody needs. Whether it has can be told when the field holds something else now
/// than its initializer makes. Not seen: writes by reflection, through overrides, through objects that the value was
/// put into before; and what is written after the lambda is declared.
/// </remarks>
internal static class WrittenStaticRule
{
    private const int MostElements = 1 << 20;

    private static readonly ConditionalWeakTable<Type, HashSet<MethodKey>> s_initializerPaths = [];

    private static readonly HashSet<Type> s_fixed =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(BigInteger), typeof(Complex), typeof(Int128), typeof(UInt128), typeof(Half), typeof(Uri), typeof(Version),
        typeof(Regex), typeof(CultureInfo), typeof(TimeZoneInfo), typeof(Index), typeof(Range), typeof(Rune), typeof(object),
    ];

    /// <summary>What can be told of a lambda by its code; null when it comes to no field whose value can change.</summary>
    public static StaticReads? Of(OwnPath path, PathFacts facts)
    {
        var fields = new List<(FieldInfo, MethodBase)>();
        var seen = new HashSet<FieldPlace>();
        foreach (var (method, code) in path.Bodies)
        {
            foreach (var instruction in code.Instructions)
            {
                if (instruction.Code is ILOpCode.Ldsfld or ILOpCode.Ldsflda && IlTokens.Resolve(code.Field, instruction) is { } field
                    && IsOfProgram(field) && (!field.IsInitOnly || CanChange(field.FieldType)) && seen.Add(FieldPlace.Of(field)))
                {
                    fields.Add((field, method));
                }
            }
        }

        return fields.Count == 0 ? null : new StaticReads(fields, facts.Methods);
    }

    /// <summary>All such fields as things stand now, each once.</summary>
    public static IEnumerable<WrittenStaticUse> Find(StaticReads? reads)
    {
        foreach (var (field, by) in reads?.Fields ?? [])
        {
            var others = Without(reads!.OwnPath, [.. StaticWriters.Of(field)]);
            if (others.Length > 0)
            {
                others = Without(InitializerPath(field), others);
                if (others.Length > 0)
                {
                    yield return new WrittenStaticUse(
                        field, by, others.MaxBy(static writer => writer.Kind).Method,
                        IsWritten(field, onlyEmptied: others.All(static writer => writer.Kind == WriteKind.Empties)));
                }
            }
        }
    }

    /// <summary>
    /// Those of the writers that are not on a path, and do not what the path does itself: a method that only calls what the path calls
    /// on the same object makes nothing that the path would not make.
    /// </summary>
    private static StaticWriter[] Without(IReadOnlySet<MethodKey> path, StaticWriter[] writers)
    {
        var own = writers.Where(writer => path.Contains(MethodKey.Of(writer.Method))).Select(static writer => writer.By).ToHashSet();
        return [.. writers.Where(writer => !path.Contains(MethodKey.Of(writer.Method)) && !own.Contains(writer.By))];
    }

    /// <summary>Whether a field is a variable of the program's source that all threads of a process share.</summary>
    public static bool IsOfProgram(FieldInfo field) =>
        field is { IsStatic: true, IsLiteral: false, DeclaringType: { } owner } && OwnCode.Is(owner.Assembly)
        && (!field.Name.StartsWith('<') || field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal))
        && !CompilerMade.Is(owner) && !IlTokens.Has<ThreadStaticAttribute>(field)
        // Counters that a coverage tool weaves into the user's assembly.
        && owner.Namespace?.StartsWith("Coverlet.", StringComparison.Ordinal) != true;

    /// <summary>Whether an object or struct of a type can hold something else later.</summary>
    public static bool CanChange(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !type.IsPointer && !s_fixed.Contains(type) && !typeof(Delegate).IsAssignableFrom(type)
        && !typeof(MemberInfo).IsAssignableFrom(type)
        // What tasks do to an accumulator is sent home, and a broadcast is the same everywhere.
        && !typeof(IShippable).IsAssignableFrom(type)
        && (Nullable.GetUnderlyingType(type) is not { } value || CanChange(value))
        && !IsOfThreads(type)
        && !(type.IsGenericType
            && (type.GetGenericTypeDefinition() == typeof(Lazy<>) || Array.Exists(type.GetGenericArguments(), IsOfThreads)));

    /// <summary>Of what waits, signals, or belongs to a thread or a flow, and of tables of it, a program computes with no value.</summary>
    private static bool IsOfThreads(Type type) => type.Namespace?.StartsWith("System.Threading", StringComparison.Ordinal) == true;

    /// <summary>What runs in each process by itself: initializers of the field's type, and of its module, with what they call.</summary>
    private static HashSet<MethodKey> InitializerPath(FieldInfo field) => s_initializerPaths.GetValue(field.DeclaringType!, static owner =>
    {
        var initializers = new List<MethodBase>(StaticWriters.InitializersOf(owner.Assembly));
        if (owner.TypeInitializer is { } ofType)
        {
            initializers.Add(ofType);
        }

        return [.. OwnPath.Of(initializers).Bodies.Select(static body => MethodKey.Of(body.Method))];
    });

    /// <summary>Whether it holds something else than its initializer makes, as far as that is known.</summary>
    private static bool IsWritten(FieldInfo field, bool onlyEmptied)
    {
        if (field.DeclaringType!.ContainsGenericParameters)
        {
            return false; // one field for each construction, and which is meant is not known here
        }

        object? value;
        try
        {
            value = field.GetValue(null);
        }
        catch (Exception error) when (error is TargetInvocationException or TypeInitializationException || IlTokens.IsUnreadable(error))
        {
            return false; // its initializer fails, as it will in the task
        }

        if (FieldInitializer.Of(field) is not { } initializer)
        {
            return !onlyEmptied && !IsNothing(value);
        }

        var own = initializer.Own;
        var made = own.To > own.From ? own.Code.Instructions[own.To - 1] : default;
        switch (made.Code)
        {
            case ILOpCode.Newobj when value is IEnumerable elements && StartsEmpty(IlTokens.Resolve(own.Code.Method, made)):
                return !onlyEmptied && !IsEmpty(elements);
            case ILOpCode.Newarr when value is Array array:
                return !onlyEmptied && !IsAllNothing(array);
            case ILOpCode.Ldstr when own.To == own.From + 1:
                return value is not string text || text != own.Code.Text(made);
            case ILOpCode.Ldnull:
                return !onlyEmptied && value is not null;
            case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4 when own.To == own.From + 1:
                return value is not IConvertible number || Convert.ToInt64(number, CultureInfo.InvariantCulture) != ConstantOf(made);
            default:
                return true;
        }
    }

    private static long ConstantOf(in IlInstruction instruction) => instruction.Code switch
    {
        >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8 => instruction.Code - ILOpCode.Ldc_i4_0,
        ILOpCode.Ldc_i4_s => (sbyte)instruction.Operand,
        _ => instruction.Operand,
    };

    private static bool IsNothing(object? value) =>
        value is null || (value.GetType() is { IsValueType: true } type && value.Equals(Activator.CreateInstance(type)));

    private static bool StartsEmpty(MethodBase? constructor) =>
        constructor?.DeclaringType?.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true
        && !constructor.GetParameters().Any(static parameter =>
            parameter.ParameterType.IsAssignableTo(typeof(IEnumerable)) && parameter.ParameterType != typeof(string));

    private static bool IsEmpty(IEnumerable elements)
    {
        try
        {
            foreach (var _ in elements)
            {
                return false;
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // another thread fills it just now
        }
    }

    private static bool IsAllNothing(Array array)
    {
        if (array.LongLength > MostElements)
        {
            return false;
        }

        foreach (var element in array)
        {
            if (!IsNothing(element))
            {
                return false;
            }
        }

        return true;
    }
}
