using System.Reflection;
using System.Reflection.Emit;
using MicroSpark.Code;

namespace MicroSpark.Closures;

/// <summary>
/// The program's own types that code names: of arguments, variables, fields and results, and whose methods it calls. Objects of these, and
/// of types below them, may be at hand there. What it has as an <see cref="object"/> or by an interface of the framework is not seen.
/// </summary>
internal sealed class NamedOwnTypes
{
    private readonly HashSet<Type> _types = [];

    public NamedOwnTypes(OwnPath path)
    {
        foreach (var (method, code) in path.Bodies)
        {
            AddMethod(method);
            foreach (var local in code.Body.LocalVariables)
            {
                Add(local.LocalType);
            }

            foreach (var instruction in code.Instructions)
            {
                if (instruction.Op.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineType
                    or OperandType.InlineTok)
                {
                    AddMember(IlTokens.Resolve(code.Member, instruction));
                }
            }
        }
    }

    /// <summary>Whether an object of a type may be at hand.</summary>
    public bool MayBe(Type type) => _types.Any(named =>
        named.IsAssignableFrom(type) || (type.IsGenericType && DefinitionOf(named) == DefinitionOf(type)));

    private static Type DefinitionOf(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private void AddMember(MemberInfo? member)
    {
        switch (member)
        {
            case MethodBase called:
                AddMethod(called);
                break;
            case FieldInfo field:
                Add(field.FieldType);
                break;
            case Type type:
                Add(type);
                break;
        }
    }

    private void AddMethod(MethodBase method)
    {
        Add(method.DeclaringType);
        foreach (var parameter in method.GetParameters())
        {
            Add(parameter.ParameterType);
        }

        Add((method as MethodInfo)?.ReturnType);
    }

    private void Add(Type? type)
    {
        for (; type is { HasElementType: true }; type = type.GetElementType())
        {
        }

        if (type is null || type.IsGenericParameter)
        {
            return;
        }

        if (OwnCode.Is(type.Assembly) && !CompilerMade.Is(type))
        {
            _types.Add(type);
        }

        foreach (var argument in type.IsGenericType ? type.GetGenericArguments() : [])
        {
            if (argument != type)
            {
                Add(argument);
            }
        }
    }
}
