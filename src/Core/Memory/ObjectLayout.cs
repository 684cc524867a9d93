using System.Reflection;
using System.Runtime.CompilerServices;
using MicroSpark.Codecs;

namespace MicroSpark.Memory;

/// <summary>
/// What one object of a type takes, and which of its fields lead to others. Kept with the type, and so with its load context.
/// </summary>
internal sealed class ObjectLayout
{
    private const int ObjectOverhead = 16;

    /// <summary>Of a function, which cannot be made empty.</summary>
    private const int DelegateBytes = 64;

    private static readonly ConditionalWeakTable<Type, ObjectLayout> s_layouts = [];

    private readonly bool _isRefused;

    private ObjectLayout(Type type)
    {
        IsValue = type.IsValueType;
        _isRefused = Refusals.Of(type) is not null;
        if (_isRefused && !IsValue)
        {
            References = [];
            HasReferences = true;
            return;
        }

        References = type.IsPrimitive || type.IsEnum || type.IsPointer || type == typeof(string)
            ? []
            : [.. FieldsOf(type).Where(static f => LeadsOn(f.FieldType))];
        HasReferences = !IsValue || References.Length > 0;
        Size = IsValue || type.IsArray || type.IsAbstract || type == typeof(string) ? 0 : Measure(type);
    }

    /// <summary>Whether the objects are boxes, whose fields lie in whatever holds the value.</summary>
    public bool IsValue { get; }

    /// <summary>Whether a value of the type is, or has, a reference.</summary>
    public bool HasReferences { get; }

    /// <summary>Fields that are references, and structs that have some.</summary>
    public FieldInfo[] References { get; }

    /// <summary>Bytes of one instance of a class; 0 for others.</summary>
    private long Size { get; }

    public static ObjectLayout Of(Type type) => s_layouts.GetValue(type, static t => new ObjectLayout(t));

    /// <summary>Bytes of this object alone.</summary>
    public static long SizeOf(object found) => found switch
    {
        string text => Align(22 + (2L * text.Length)),
        Array array =>
            Align(ObjectOverhead + 8 + (array.Rank == 1 ? 0 : 8 * array.Rank)
                + (array.LongLength * ItemSize(array.GetType().GetElementType()!))),
        ValueType value => Align(ObjectOverhead + ItemSize(value.GetType())),
        _ => Of(found.GetType()).Size,
    };

    /// <summary>
    /// Objects that are the process's and not the data's: those that no value may hold. A task leads to its context and from there to
    /// all of the process. To read another thread's objects field by field, while it works on them, ends in the runtime's collector.
    /// </summary>
    public static bool IsProcessWide(object found) =>
        found is MemberInfo or Assembly or Module or System.Globalization.CultureInfo or Thread || Of(found.GetType())._isRefused;

    private static bool LeadsOn(Type type) =>
        type.IsValueType ? !type.IsPrimitive && !type.IsEnum && Of(type).References.Length > 0 : !type.IsPointer && !type.IsFunctionPointer;

    private static IEnumerable<FieldInfo> FieldsOf(Type? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            foreach (
                var field in type.GetFields(
                    BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }

    private static long ItemSize(Type type) => type.IsValueType ? RawLayout.SizeOf(type) : IntPtr.Size;

    /// <summary>Makes an empty one and looks what that took: the runtime alone knows how it lays fields out.</summary>
    private static long Measure(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return DelegateBytes;
        }

        // The first one of a type takes what the runtime remembers of it besides.
        GC.SuppressFinalize(RuntimeHelpers.GetUninitializedObject(type));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var made = RuntimeHelpers.GetUninitializedObject(type);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.SuppressFinalize(made);
        return bytes;
    }

    private static long Align(long bytes) => (bytes + 7) & ~7;
}
