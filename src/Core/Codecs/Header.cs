namespace MicroSpark.Codecs;

/// <summary>What precedes the content of a reference.</summary>
internal static class Header
{
    /// <summary>Null; nothing follows.</summary>
    public const byte Null = 0;

    /// <summary>A new object of exactly the declared type; its content follows.</summary>
    public const byte New = 1;

    /// <summary>An object that was written before; its number follows.</summary>
    public const byte Seen = 2;

    /// <summary>A new object of another type than the declared one; type and content follow.</summary>
    public const byte Other = 3;

    /// <summary>An object of which only some fields were written before; its number and the remaining fields follow.</summary>
    public const byte Rest = 4;
}
