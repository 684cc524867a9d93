using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Code;

namespace MicroSpark.Codecs;

/// <summary>
/// Which types data may name: those whose objects do nothing when they are made, compared, hashed, formatted, disposed or forgotten. Bytes
/// of data come from anybody, so that the rule is closed: a framework type is data when the list <see cref="KnownTypes"/> has it, and a
/// type of the program when its fields are all there is to it.
/// </summary>
internal static class DataTypes
{
    /// <summary>
    /// The largest struct whose name data may bring, tuples of tuples too: a few copies of it fit on the stack that is left when a deep
    /// value goes on with another one.
    /// </summary>
    private const int MostBytes = 16 << 10;

    private static readonly ConditionalWeakTable<Type, StrongBox<string?>> s_known = [];

    /// <summary>Why values of the type are no data, as the end of a sentence about one; null when they are. Asked once per type.</summary>
    public static string? RefusalOf(Type type) => s_known.GetValue(type, static key => new(Find(key))).Value;

    /// <summary>Whether the runtime calls the type's own code when an object of it is forgotten.</summary>
    public static bool HasFinalizer(Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;
        for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
        {
            if (part.GetMethod("Finalize", Declared, Type.EmptyTypes) is { IsVirtual: true } method
                && method.GetBaseDefinition().DeclaringType == typeof(object))
            {
                return true;
            }
        }

        return false;
    }

    private static string? Find(Type type)
    {
        if (Refusals.Of(type) is { } refusal)
        {
            return refusal;
        }

        if (type.IsArray)
        {
            return RefusalOf(type.GetElementType()!);
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return Refusals.Delegate;
        }

        if (KnownTypes.HoldsFunction(type))
        {
            return Refusals.FunctionComparer;
        }

        if (Origins.IsFramework(type.Assembly) && !KnownTypes.Contains(KnownTypes.DefinitionOf(type)) && !KnownTypes.IsHarmless(type))
        {
            return $"it is {TypeNames.Of(type)}, which is not on the list of the framework's types that are data.";
        }

        if (Origins.IsMicroSpark(type.Assembly) && !type.IsVisible && !typeof(Exception).IsAssignableFrom(type))
        {
            return $"it is {TypeNames.Of(type)}, which is a part of the engine.";
        }

        if (type.IsValueType && !type.ContainsGenericParameters && RawLayout.SizeOf(type) is > MostBytes and var size)
        {
            return $"it is {TypeNames.Of(type)}, a struct of {size:N0} bytes, which are copied on the stack. Make it a class, or keep "
                + "the bytes in an array.";
        }

        return type.GenericTypeArguments.Select(RefusalOf).FirstOrDefault(static reason => reason is not null);
    }
}
