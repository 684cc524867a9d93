using System.Reflection;
using MicroSpark.Code;
using MicroSpark.Codecs;

namespace MicroSpark.Closures;

/// <summary>
/// Names a method in an encoding: its type, then its row or its signature, then its generic arguments. A user's method goes by its row,
/// which is exact because the assembly is named by its bytes. A method of the framework or of MicroSpark goes by its signature, because its
/// row changes from build to build.
/// </summary>
internal static class MethodReference
{
    private const int MethodTable = 0x0600_0000;
    private const BindingFlags Any =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static void Write(ref ValueWriter writer, MethodInfo method)
    {
        var type = method.DeclaringType!;
        writer.WriteCodeType(type);
        if (SharedCode.Has(type.Assembly))
        {
            if (CompilerMade.Is(method) && SharedCode.IsMicroSpark(type.Assembly))
            {
                throw new NotEncodableException("", CompilerMade.HasNoName);
            }

            writer.WriteVarint(0);
            writer.WriteString(method.Name);
            writer.WriteString(SignatureOf(method));
        }
        else
        {
            writer.WriteVarint((uint)method.MetadataToken & 0x00FF_FFFF);
        }

        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        writer.WriteVarint((uint)arguments.Length);
        foreach (var argument in arguments)
        {
            writer.WriteCodeType(argument);
        }
    }

    public static MethodInfo Read(ref ValueReader reader)
    {
        _ = reader.RequirePlan("a method");
        var type = reader.ReadOwnerType();
        var row = reader.ReadVarint();
        var method = row == 0 ? BySignature(type, reader.ReadString(), reader.ReadString()) : ByRow(type, row);
        var arguments = new Type[reader.ReadCount()];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = reader.ReadCodeType();
        }

        if (arguments.Length != (method.IsGenericMethodDefinition ? method.GetGenericArguments().Length : 0))
        {
            throw ValueReader.Corrupt($"{type}.{method.Name} has other generic parameters than {arguments.Length}");
        }

        method = arguments.Length == 0 ? method : method.MakeGenericMethod(arguments);
        if (reader.Space.PlanNames is { } approved && !EngineFunctionAttribute.Marks(type))
        {
            approved.RequireFunction(method);
        }

        return method;
    }

    /// <summary>The signature with the type's and the method's own parameters, the same for every instantiation.</summary>
    private static string SignatureOf(MethodInfo method) => Definition(method, method.DeclaringType!).ToString()!;

    private static MethodBase Definition(MethodInfo method, Type type) =>
        type.IsConstructedGenericType
            ? MethodBase.GetMethodFromHandle(method.MethodHandle, type.GetGenericTypeDefinition().TypeHandle)!
            : method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;

    private static MethodInfo BySignature(Type type, string? name, string? signature)
    {
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        MethodInfo? method = Array.Find(definition.GetMethods(Any), method => method.Name == name && method.ToString() == signature);
        return method is null
            ? throw ValueReader.Corrupt(
                $"{type.FullName} has no method '{signature}' here; client and worker must run the same .NET and MicroSpark")
            : On(type, method);
    }

    private static MethodInfo ByRow(Type type, uint row)
    {
        try
        {
            return row < 0x0100_0000 && type.Module.ResolveMethod(MethodTable | (int)row) is MethodInfo method
                    && method.DeclaringType == (type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type)
                ? On(type, method)
                : throw ValueReader.Corrupt($"row {row} is no method of {type}");
        }
        catch (ArgumentException)
        {
            throw ValueReader.Corrupt($"{type.Assembly.GetName().Name} has no method in row {row}");
        }
    }

    private static MethodInfo On(Type type, MethodInfo method) =>
        type.IsConstructedGenericType ? (MethodInfo)MethodBase.GetMethodFromHandle(method.MethodHandle, type.TypeHandle)! : method;
}
