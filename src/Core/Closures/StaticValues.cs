using System.Reflection;
using System.Reflection.Metadata;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// The static fields that a lambda comes to and that a worker would have otherwise, with the values that they have when it is declared.
/// They travel as captured variables do; tasks run <see cref="MethodCopies"/> of the lambda that read them in the fields' place. That is
/// the same in every mode, compiled or not. Where it cannot be done the lambda is refused.
/// </summary>
internal sealed class StaticValues
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly FieldInfo[] _fields;
    private readonly object?[] _values;
    private readonly Func<string, ClosureNotShippableException>[] _refusals;

    private StaticValues(FieldInfo[] fields, object?[] values, Func<string, ClosureNotShippableException>[] refusals)
    {
        _fields = fields;
        _values = values;
        _refusals = refusals;
    }

    /// <summary>Whether no task can change a value for another.</summary>
    public bool IsShareable => Array.TrueForAll(_values, static value => value is null || ValueCodec.IsShareable(value.GetType()));

    /// <summary>Takes the values now; null when the lambda comes to no such field.</summary>
    /// <exception cref="ClosureNotShippableException">It does, and the value cannot stand in for the field.</exception>
    public static StaticValues? Of(MethodInfo method, ClosureAnalysis analysis, string lambda)
    {
        var uses = new Dictionary<FieldPlace, (FieldInfo Field, Func<string, ClosureNotShippableException> Refuse)>();
        foreach (var use in analysis.StaticFields)
        {
            uses.TryAdd(FieldPlace.Of(use.Field), (use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why)));
        }

        foreach (var use in analysis.ProcessStatics)
        {
            uses.TryAdd(FieldPlace.Of(use.Field), (use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why)));
        }

        foreach (var use in WrittenStaticRule.Find(analysis.StaticReads))
        {
            uses.TryAdd(FieldPlace.Of(use.Field), (use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why)));
        }

        if (uses.Count == 0)
        {
            return null;
        }

        var path = OwnPath.Of(method);
        var methods = path.Bodies.Select(static body => MethodKey.Of(body.Method)).ToHashSet();
        foreach (var (field, refuse) in uses.Values)
        {
            if (Assigns(path, field) || (WrittenStaticRule.CanChange(field.FieldType) && StaticWriters.Has(field, methods)))
            {
                throw refuse("the lambda changes it");
            }
        }

        FieldInfo[] fields = [.. uses.Values.Select(static use => use.Field)];
        if (MethodCopies.Of(method, fields, out var obstacle) is null)
        {
            throw uses.Values.First().Refuse(obstacle!);
        }

        return new StaticValues(
            fields, [.. uses.Values.Select(use => ValueOf(use.Field, use.Refuse, method, lambda))],
            [.. uses.Values.Select(static use => use.Refuse)]);
    }

    /// <summary>
    /// Fields, whether a target follows, values. <see cref="DelegateReader"/> makes the delegate before it reads the values.
    /// </summary>
    public void Write(ref ValueWriter writer, bool hasTarget)
    {
        writer.WriteVarint((uint)_fields.Length);
        foreach (var field in _fields)
        {
            writer.WriteCodeType(field.DeclaringType!);
            writer.WriteVarint((uint)Array.FindIndex(
                DeclaredBy(field.DeclaringType!), declared => declared.MetadataToken == field.MetadataToken));
        }

        writer.WriteByte(hasTarget ? (byte)1 : (byte)0);
        for (var i = 0; i < _fields.Length; i++)
        {
            try
            {
                writer.WriteValue(in _values[i]);
            }
            catch (NotEncodableException error)
            {
                throw _refusals[i]($"it cannot be sent to workers ({error.Reason.TrimEnd('.')})");
            }
        }
    }

    /// <summary>Reads the fields, and makes what their values are read into by <see cref="ReadValues"/>.</summary>
    public static (MethodCopies Copies, BoundValues Bound) ReadFields(ref ValueReader reader, MethodInfo method)
    {
        var fields = new FieldInfo[reader.ReadCount(minBytes: 2)];
        for (var i = 0; i < fields.Length; i++)
        {
            var type = reader.ReadCodeType();
            var declared = DeclaredBy(type);
            var index = reader.ReadVarint();
            fields[i] = index < (uint)declared.Length ? declared[index]
                : throw ValueReader.Corrupt($"{type} has no static field {index}");
        }

        return MethodCopies.Of(method, fields, out var why) is { } copies
            ? (copies, new BoundValues(fields))
            : throw ValueReader.Corrupt($"{method.DeclaringType}.{method.Name} cannot be copied, since {why}");
    }

    public static void ReadValues(ref ValueReader reader, BoundValues bound)
    {
        for (var i = 0; i < bound.Values.Length; i++)
        {
            var value = reader.ReadValue<object?>();
            if (!bound.TrySet(i, value))
            {
                throw ValueReader.Corrupt($"a {value?.GetType().ToString() ?? "null"} does not fit a static field");
            }
        }
    }

    public static string PathOf(FieldInfo field) => $"{TypeNames.Of(field.DeclaringType!)}.{TypeNames.Of(field)}";

    private static FieldInfo[] DeclaredBy(Type type) => [.. type.GetFields(Declared).OrderBy(static field => field.MetadataToken)];

    private static bool Assigns(OwnPath path, FieldInfo field) =>
        path.Bodies.Any(body => body.Code.Instructions.Any(instruction => instruction.Code == ILOpCode.Stsfld
            && IlTokens.Resolve(body.Code.Field, instruction) is { } set && StaticKey.Of(set) == StaticKey.Of(field)));

    private static object? ValueOf(
        FieldInfo field, Func<string, ClosureNotShippableException> refuse, MethodInfo method, string lambda)
    {
        object? value;
        try
        {
            value = field.GetValue(null);
        }
        catch (Exception error) when (error is TargetInvocationException or TypeInitializationException || IlTokens.IsUnreadable(error))
        {
            throw refuse("its initializer fails: " + (error.InnerException ?? error).Message);
        }

        if (value is not null)
        {
            ShippingRules.CheckValue(value, PathOf(field), method, lambda);
        }

        return value;
    }
}
