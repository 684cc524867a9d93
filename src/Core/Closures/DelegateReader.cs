using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>Reads what <see cref="DelegateCapture"/> wrote.</summary>
internal static class DelegateReader
{
    private const int Unnumbered = -1;

    /// <summary>Reads a delegate that is not inside a value.</summary>
    public static Delegate Read(ref ValueReader reader, Type delegateType) => Read(ref reader, delegateType, Unnumbered);

    /// <param name="number">The delegate's own number among the objects of the encoding.</param>
    public static Delegate Read(ref ValueReader reader, Type delegateType, int number)
    {
        var method = MethodReference.Read(ref reader);
        var kind = reader.ReadByte();
        if (kind == DelegateCapture.Statics)
        {
            return ReadWithStatics(ref reader, delegateType, method, number);
        }

        switch (kind)
        {
            case DelegateCapture.NoTarget:
                return Create(delegateType, null, method);
            case DelegateCapture.WholeTarget:
                var target = reader.ReadValue<object?>();
                return Create(delegateType, target, method);
            case DelegateCapture.Carriers:
                var carriers = ReadCarriers(ref reader);
                var result = Create(delegateType, carriers[0], method);
                Register(ref reader, number, result);
                FillCarriers(ref reader, carriers);
                return result;
            default:
                throw ValueReader.Corrupt($"{kind} is no kind of target");
        }
    }

    /// <summary>The delegate comes before the values: a static field may hold the lambda itself.</summary>
    private static Delegate ReadWithStatics(ref ValueReader reader, Type delegateType, MethodInfo method, int number)
    {
        var (copies, bound) = StaticValues.ReadFields(ref reader, method);
        var hasTarget = reader.ReadByte() != 0;
        Delegate result;
        try
        {
            result = copies.Bind(delegateType, bound, hasTarget);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or BadImageFormatException)
        {
            throw Misfit(delegateType, method);
        }

        Register(ref reader, number, result);
        StaticValues.ReadValues(ref reader, bound);
        switch (reader.ReadByte())
        {
            case DelegateCapture.NoTarget when !hasTarget:
                break;
            case DelegateCapture.WholeTarget when hasTarget:
                bound.Target = reader.ReadValue<object?>();
                break;
            case DelegateCapture.Carriers when hasTarget:
                var carriers = ReadCarriers(ref reader);
                bound.Target = carriers[0];
                FillCarriers(ref reader, carriers);
                break;
            case byte other:
                throw ValueReader.Corrupt($"{other} is no kind of target");
        }

        // The copy of an instance method is no method of its class: nobody else would notice a missing or a foreign object.
        return !hasTarget || Fits(bound.Target, method) ? result : throw Misfit(delegateType, method);
    }

    private static bool Fits(object? target, MethodInfo method) =>
        method.IsStatic ? target is null || method.GetParameters()[0].ParameterType.IsInstanceOfType(target)
            : method.DeclaringType!.IsInstanceOfType(target);

    private static void Register(ref ValueReader reader, int number, Delegate result)
    {
        if (number != Unnumbered)
        {
            reader.Register(number, result);
        }
    }

    private static object[] ReadCarriers(ref ValueReader reader)
    {
        var carriers = new object[reader.ReadCount()];
        if (carriers.Length == 0)
        {
            throw ValueReader.Corrupt("a lambda without its object");
        }

        for (var i = 0; i < carriers.Length; i++)
        {
            var type = reader.ReadCodeType();
            if (SharedCode.Has(type.Assembly) && !EngineFunctionAttribute.Marks(type)
                && (!CompilerMade.IsClosure(type) || Origins.IsMicroSpark(type.Assembly)))
            {
                throw ValueReader.Corrupt($"{type} is no class of captured variables");
            }

            carriers[i] = ObjectCodec.ReadFields(ref reader, type, []);

            // No constructor has run, so its finalizer must not run either.
            GC.SuppressFinalize(carriers[i]);
        }

        for (var links = reader.ReadCount(minBytes: 4); links > 0; links--)
        {
            var owner = At(carriers, reader.ReadVarint());
            var field = FieldNumber.Read(ref reader, owner.GetType());
            var linked = At(carriers, reader.ReadVarint());
            if (!field.FieldType.IsInstanceOfType(linked))
            {
                throw ValueReader.Corrupt($"a {linked.GetType()} does not fit the field {field.DeclaringType}.{field.Name}");
            }

            field.SetValue(owner, linked);
        }

        return carriers;
    }

    private static void FillCarriers(ref ValueReader reader, object[] carriers)
    {
        foreach (var carrier in carriers)
        {
            var fields = new FieldInfo[reader.ReadCount(minBytes: 2)];
            for (var i = 0; i < fields.Length; i++)
            {
                fields[i] = FieldNumber.Read(ref reader, carrier.GetType());
            }

            _ = ObjectCodec.ReadFields(ref reader, carrier.GetType(), fields);
        }
    }

    private static object At(object[] carriers, uint index) =>
        index < (uint)carriers.Length ? carriers[index] : throw ValueReader.Corrupt($"carrier {index} of {carriers.Length} is referenced");

    private static Delegate Create(Type delegateType, object? target, MethodInfo method) =>
        Delegate.CreateDelegate(delegateType, target, method, throwOnBindFailure: false)
            ?? throw Misfit(delegateType, method);

    private static InvalidDataException Misfit(Type delegateType, MethodInfo method) =>
        ValueReader.Corrupt($"{method.DeclaringType}.{method.Name} does not fit {delegateType}");
}

/// <summary>Names a field of a class: how many base classes up, and the how-manieth of the fields declared there.</summary>
internal static class FieldNumber
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Type, FieldInfo[]> s_declared = [];

    public static void Write(ref ValueWriter writer, Type type, FieldInfo field)
    {
        uint up = 0;
        var owner = type;
        while (owner != field.DeclaringType)
        {
            owner = owner.BaseType!;
            up++;
        }

        writer.WriteVarint(up);
        writer.WriteVarint((uint)Array.FindIndex(DeclaredBy(owner), declared => declared.MetadataToken == field.MetadataToken));
    }

    public static FieldInfo Read(ref ValueReader reader, Type type)
    {
        var owner = type;
        for (var up = reader.ReadVarint(); up > 0 && owner is not null; up--)
        {
            owner = owner.BaseType;
        }

        var index = reader.ReadVarint();
        var fields = owner is null ? [] : DeclaredBy(owner);
        return index < (uint)fields.Length ? fields[index] : throw ValueReader.Corrupt($"{type} has no field {index} at that level");
    }

    private static FieldInfo[] DeclaredBy(Type type) => s_declared.GetValue(
        type, static type => [.. type.GetFields(Declared).OrderBy(field => field.MetadataToken)]);
}
