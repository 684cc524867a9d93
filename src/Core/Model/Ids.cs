using MicroSpark.Model;

namespace MicroSpark;

/// <summary>Names one action's run. It is made by the client and outlives it.</summary>
public readonly record struct JobId(Guid Value)
{
    /// <summary>A new random id.</summary>
    public static JobId New() => new(Chance.NewGuid());

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">The text is not 32 hexadecimal digits.</exception>
    public static JobId Parse(string text) => new(Guid.ParseExact(text, "N"));

    /// <inheritdoc />
    public override string ToString() => Value.ToString("N");
}

/// <summary>Names one partition of a recipe.</summary>
public readonly record struct PartitionId(LineageId Lineage, int Index)
{
    /// <inheritdoc />
    public override string ToString() => $"{Lineage}/{Index}";
}
