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

    /// <summary>The fields whose values they are.</summary>
    public IReadOnlyList<FieldInfo> Fields => _fields;

    /// <summary>Takes the values now; null when the lambda comes to no such field.</summary>
    /// <param name="isDeclared">Whether it is encoded once, when it is declared, and not again for each job.</param>
    /// <exception cref="ClosureNotShippableException">It does, and the value cannot stand in for the field.</exception>
    public static StaticValues? Of(MethodInfo method, ClosureAnalysis analysis, string lambda, bool isDeclared)
    {
        var uses = new Dictionary<FieldPlace, Use>();
        foreach (var use in analysis.StaticFields)
        {
            uses.TryAdd(FieldPlace.Of(use.Field), new Use(use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why)));
        }

        foreach (var use in analysis.ProcessStatics)
        {
            uses.TryAdd(FieldPlace.Of(use.Field), new Use(use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why)));
        }

        // A writer that has not run yet, as far as can be told, may run before the job does: a round's number that begins with 0. Objects
        // that are filled or set later are left alone.
        var doubtful = new List<Use>();
        foreach (var use in WrittenStaticRule.Find(analysis.StaticReads))
        {
            var one = new Use(use.Field, why => ShippingRules.RefuseStatic(use, method, lambda, why));
            if (use.HasWritten)
            {
                uses.TryAdd(FieldPlace.Of(use.Field), one);
            }
            else if (use.Field.FieldType == typeof(string)
                || (use.Field.FieldType.IsValueType && !WrittenStaticRule.CanChange(use.Field.FieldType)))
            {
                doubtful.Add(one);
            }
        }

        Use[] taken =
        [
            .. uses.Values,
            .. doubtful.Where(use => !uses.ContainsKey(FieldPlace.Of(use.Field)) && isDeclared && Obstacle([use]) is null && IsPlain(use)),
        ];
        if (taken.Length == 0)
        {
            return null;
        }

        if (!isDeclared)
        {
            throw taken[0].Refuse("it is encoded again for each job that it is a part of");
        }

        if (Obstacle(taken) is var (refused, why))
        {
            throw refused.Refuse(why);
        }

        var values = Array.ConvertAll(taken, static use => use.Value());
        for (var i = 0; i < taken.Length; i++)
        {
            if (values[i] is { } value)
            {
                ShippingRules.CheckValue(value, DisplayNames.Of(taken[i].Field), method, lambda);
            }
        }

        return new StaticValues(
            Array.ConvertAll(taken, static use => use.Field), values, Array.ConvertAll(taken, static use => use.Refuse));

        (Use Use, string Why)? Obstacle(Use[] wanted)
        {
            foreach (var use in wanted)
            {
                if (analysis.Path.Assigned.Contains(StaticKey.Of(use.Field))
                    || (WrittenStaticRule.CanChange(use.Field.FieldType) && StaticWriters.Has(use.Field, analysis.Path.Methods)))
                {
                    return (use, "the lambda changes it");
                }
            }

            FieldInfo[] fields = [.. wanted.Select(static use => use.Field)];
            return MethodCopies.Of(method, fields, isDeclared: true, out var obstacle) is null
                ? (wanted[obstacle.Field], obstacle.Text) : null;
        }
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
        if (fields.Length == 0)
        {
            throw ValueReader.Corrupt("no static field is named");
        }

        // Copies are made of the program's own code only: one of the framework's, with another value in a field, would be other code.
        if (SharedCode.Has(method.DeclaringType!.Assembly))
        {
            throw ValueReader.Corrupt($"{method.DeclaringType}.{method.Name} is no method of the program's, and reads no field of it");
        }

        for (var i = 0; i < fields.Length; i++)
        {
            var type = reader.ReadCodeType();
            if (SharedCode.Has(type.Assembly))
            {
                throw ValueReader.Corrupt($"{type} is no class of the program's, whose static fields could travel");
            }

            var declared = DeclaredBy(type);
            var index = reader.ReadVarint();
            fields[i] = index < (uint)declared.Length && !type.ContainsGenericParameters ? declared[index]
                : throw ValueReader.Corrupt($"{type} has no static field {index}");
        }

        return MethodCopies.Of(method, fields, isDeclared: false, out var why) is { } copies
            ? (copies, new BoundValues(method, fields))
            : throw ValueReader.Corrupt($"{method.DeclaringType}.{method.Name} cannot be copied, since {why.Text}");
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

    private static FieldInfo[] DeclaredBy(Type type) => [.. type.GetFields(Declared).OrderBy(static field => field.MetadataToken)];

    private static bool IsPlain(Use use)
    {
        try
        {
            ValueCodec.Encode(use.Value(), CodeSpace.Process, out _);
            return true;
        }
        catch (Exception error) when (error is NotEncodableException or ClosureNotShippableException or AssemblyNotShippableException)
        {
            return false;
        }
    }

    /// <summary>A field whose value is to travel, and the refusal if it cannot; its argument goes on after "since".</summary>
    private sealed record Use(FieldInfo Field, Func<string, ClosureNotShippableException> Refuse)
    {
        public object? Value()
        {
            try
            {
                return Field.GetValue(null);
            }
            catch (Exception error) when (
                error is TargetInvocationException or TypeInitializationException || IlTokens.IsUnreadable(error))
            {
                throw Refuse("its initializer fails: " + (error.InnerException ?? error).Message);
            }
        }
    }
}
