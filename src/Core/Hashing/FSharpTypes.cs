using System.Reflection;

namespace MicroSpark.Hashing;

/// <summary>
/// Records and unions as F# compiles them. Their Equals compares field by field, and arrays in them item by item. F# marks its types by
/// attributes, which are known by name: nothing here refers to its library.
/// </summary>
internal static class FSharpTypes
{
    private const int KindMask = 31;
    private const int SumType = 1;
    private const int RecordType = 2;

    /// <summary>Whether the type is such a record, such a union or a case of one, with the equality that the compiler made.</summary>
    public static bool IsStructural(Type type)
    {
        for (var declared = type; declared is not null && declared != typeof(object); declared = declared.BaseType)
        {
            if (KindOf(declared) is SumType or RecordType)
            {
                return !Has(declared, "CustomEqualityAttribute") && !Has(declared, "ReferenceEqualityAttribute")
                    && !Has(declared, "NoEqualityAttribute");
            }
        }

        return false;
    }

    private static int KindOf(Type type)
    {
        var mark = Find(type, "CompilationMappingAttribute");
        return mark is { ConstructorArguments: [{ Value: int flags }, ..] } ? flags & KindMask : 0;
    }

    private static bool Has(Type type, string attribute) => Find(type, attribute) is not null;

    private static CustomAttributeData? Find(Type type, string attribute)
    {
        foreach (var data in type.GetCustomAttributesData())
        {
            if (data.AttributeType.Name == attribute && data.AttributeType.Namespace == "Microsoft.FSharp.Core")
            {
                return data;
            }
        }

        return null;
    }
}
