using System.Globalization;

namespace MicroSpark.Model;

/// <summary>
/// What a build says and understands: the major and minor number of the product's version. Builds of one number work together; a plan of
/// another number is not run. docs/protocol.txt lists the numbers, each with what it stands for.
/// </summary>
/// <param name="Value">The major number in the upper 16 bits, the minor one in the lower; 0 for a build that has none.</param>
internal readonly record struct ProtocolNumber(int Value)
{
    /// <summary>Of this build.</summary>
    public static ProtocolNumber Current { get; } = Of(typeof(ProtocolNumber).Assembly.GetName().Version!);

    public static ProtocolNumber Of(Version version) => new((version.Major << 16) | version.Minor);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value >> 16}.{Value & 0xffff}");
}
