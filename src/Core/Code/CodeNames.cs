using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace MicroSpark.Code;

/// <summary>
/// What an assembly's own code names: the methods that it makes delegates of (<c>ldftn</c>, <c>ldvirtftn</c>), and the types of others
/// that it mentions. That is all that a plan of approved code may name, since whoever writes a plan by hand could name anything else.
/// </summary>
internal sealed class CodeNames
{
    private static ReadOnlySpan<byte> Ldftn => [0xFE, 0x06];

    private static ReadOnlySpan<byte> Ldvirtftn => [0xFE, 0x07];

    private readonly (int Token, int Within)[] _functions;
    private readonly FrozenSet<string> _types;
    private Dictionary<(Module, int), List<MethodBase>>? _methods;
    private List<MethodBase>? _virtual;

    private CodeNames((int Token, int Within)[] functions, FrozenSet<string> types) => (_functions, _types) = (functions, types);

    /// <summary>Reads an image without loading anything. One that is no assembly, or whose methods have no IL, names nothing.</summary>
    public static CodeNames In(byte[] image)
    {
        using var reader = new PEReader(ImmutableCollectionsMarshal.AsImmutableArray(image));
        var metadata = reader.GetMetadataReader();
        var functions = new Dictionary<int, int>();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var address = metadata.GetMethodDefinition(handle).RelativeVirtualAddress;
            if (address == 0
                || reader.GetMethodBody(address).GetILContent() is not { IsDefaultOrEmpty: false } body)
            {
                continue;
            }

            var il = body.AsSpan();
            if (il.IndexOf(Ldftn) < 0 && il.IndexOf(Ldvirtftn) < 0)
            {
                continue;
            }

            foreach (var instruction in IlCode.Read(il))
            {
                if (instruction.Code is ILOpCode.Ldftn or ILOpCode.Ldvirtftn)
                {
                    functions.TryAdd(instruction.Operand, MetadataTokens.GetToken(handle));
                }
            }
        }

        var types = metadata.TypeReferences.Select(handle => NameOf(metadata, handle));
        return new CodeNames([.. functions.Select(static one => (one.Key, one.Value))], types.ToFrozenSet(StringComparer.Ordinal));
    }

    /// <summary>
    /// Whether the code mentions a type of another assembly. It goes by full name: types move between the framework's parts.
    /// </summary>
    public bool Mentions(Type definition) => definition.FullName is { } name && _types.Contains(name);

    /// <summary>Whether the code makes a delegate of the method; where its own type parameters stand, any type may.</summary>
    public bool MakesDelegateOf(Assembly assembly, MethodInfo method)
    {
        var methods = Resolve(assembly.ManifestModule);
        return (methods.TryGetValue((method.Module, method.MetadataToken), out var same)
                && same.Exists(named => Fits(named, method)))
            || (method.IsVirtual && _virtual!.Exists(named => Implements(method, named)));
    }

    private Dictionary<(Module, int), List<MethodBase>> Resolve(Module module)
    {
        if (Volatile.Read(ref _methods) is { } known)
        {
            return known;
        }

        var methods = new Dictionary<(Module, int), List<MethodBase>>();
        var overridable = new List<MethodBase>();
        foreach (var (token, within) in _functions)
        {
            if (Find(module, token, within) is { } named)
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(methods, (named.Module, named.MetadataToken), out _);
                (list ??= []).Add(named);
                if (named.IsVirtual)
                {
                    overridable.Add(named);
                }
            }
        }

        _virtual = overridable;
        Volatile.Write(ref _methods, methods);
        return methods;
    }

    private static MethodBase? Find(Module module, int token, int within)
    {
        try
        {
            var user = module.ResolveMethod(within)!;
            return module.ResolveMethod(
                token,
                user.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
                user.IsGenericMethod ? user.GetGenericArguments() : null);
        }
        catch (Exception error) when (IlTokens.IsUnreadable(error))
        {
            return null; // its assembly is not here, so no delegate of it can be either
        }
    }

    /// <summary>A delegate that was made of an overridable method has the override of its object, which the code does not name.</summary>
    private static bool Implements(MethodInfo method, MethodBase named)
    {
        if (named.DeclaringType is not { } declaring || method.DeclaringType is not { IsInterface: false } type)
        {
            return false;
        }

        if (!declaring.IsInterface)
        {
            return method.GetBaseDefinition() is var first && named is MethodInfo other && other.GetBaseDefinition() is var second
                && first.Module == second.Module && first.MetadataToken == second.MetadataToken && Fits(second, first);
        }

        foreach (var contract in type.GetInterfaces())
        {
            if (Definition(contract) != Definition(declaring))
            {
                continue;
            }

            var map = type.GetInterfaceMap(contract);
            for (var i = 0; i < map.TargetMethods.Length; i++)
            {
                if (map.TargetMethods[i].MetadataToken == method.MetadataToken && map.TargetMethods[i].Module == method.Module
                    && map.InterfaceMethods[i].MetadataToken == named.MetadataToken && Fits(named, map.InterfaceMethods[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Fits(MethodBase named, MethodBase method) =>
        Fit(ArgumentsOf(named.DeclaringType), ArgumentsOf(method.DeclaringType))
        && Fit(named.IsGenericMethod ? named.GetGenericArguments() : [], method.IsGenericMethod ? method.GetGenericArguments() : []);

    private static bool Fit(Type[] named, Type[] given)
    {
        if (named.Length != given.Length)
        {
            return false;
        }

        for (var i = 0; i < named.Length; i++)
        {
            if (!Fit(named[i], given[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Fit(Type named, Type given) =>
        named.IsGenericParameter || named == given
        || (named.HasElementType && given.HasElementType && named.IsArray == given.IsArray && named.IsByRef == given.IsByRef
            && (!named.IsArray || named.GetArrayRank() == given.GetArrayRank()) && Fit(named.GetElementType()!, given.GetElementType()!))
        || (named.IsGenericType && given.IsGenericType && Definition(named) == Definition(given)
            && Fit(named.GetGenericArguments(), given.GetGenericArguments()));

    private static Type[] ArgumentsOf(Type? type) => type is { IsGenericType: true } ? type.GetGenericArguments() : [];

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}+{name}"
            : type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }
}
