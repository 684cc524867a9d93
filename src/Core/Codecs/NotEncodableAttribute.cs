namespace MicroSpark.Codecs;

/// <summary>Marks a type of MicroSpark's own that cannot be inside a value, and says why and what to do instead.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class NotEncodableAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
