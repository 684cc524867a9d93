namespace MicroSpark.Codecs;

/// <summary>How an entry of a type table names its type. A type that was named before is an index into the table.</summary>
internal enum TypeTag : byte
{
    /// <summary>A framework type of the closed list <see cref="KnownTypes"/>, by full name.</summary>
    Known = 0,

    /// <summary>A user's type: its assembly's id and the row of its definition.</summary>
    User = 1,

    /// <summary>A type of MicroSpark itself: simple assembly name and full name.</summary>
    MicroSpark = 2,

    /// <summary>
    /// Any other framework type: simple assembly name and full name. Values are only of its enums, delegates and interfaces.
    /// </summary>
    Framework = 3,

    /// <summary>A one-dimensional array of an entry.</summary>
    Array = 4,

    /// <summary>An array of several dimensions.</summary>
    Matrix = 5,

    /// <summary>A generic definition and its arguments.</summary>
    Generic = 6,
}
