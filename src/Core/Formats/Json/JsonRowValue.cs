namespace MicroSpark.Formats.Json;

/// <summary>What was read of one member, without a box: a number's bits, or an object.</summary>
internal struct JsonRowValue
{
    /// <summary>Of a whole number, of a double, or 1 for true.</summary>
    public long Bits;

    /// <summary>A text, or the <see cref="JsonCell{T}"/> of a member of another type.</summary>
    public object? Object;

    /// <summary>Of a nullable number: it is null.</summary>
    public bool IsNull;
}

/// <summary>How a member's value is read.</summary>
internal enum JsonMemberKind : byte
{
    /// <summary>The row has it, the type does not.</summary>
    Skipped,

    Text,

    Boolean,

    /// <summary>A whole number within a range of <see cref="long"/>.</summary>
    Whole,

    /// <summary>A double or a float.</summary>
    Floating,

    /// <summary>What the library reads, from the value's own text.</summary>
    Other,
}
