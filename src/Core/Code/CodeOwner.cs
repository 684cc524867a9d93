using System.Reflection;

namespace MicroSpark.Code;

/// <summary>Where code that is made at run time for a type belongs.</summary>
internal static class CodeOwner
{
    /// <summary>A tuple of the framework over a user's type unloads with the user's module, so its code belongs there.</summary>
    public static Module Of(Type type) => CollectiblePart(type)?.Module ?? type.Module;

    private static Type? CollectiblePart(Type type) =>
        type.Assembly.IsCollectible ? type
        : type.HasElementType ? CollectiblePart(type.GetElementType()!)
        : type.GenericTypeArguments.Select(CollectiblePart).FirstOrDefault(static part => part is not null);
}
