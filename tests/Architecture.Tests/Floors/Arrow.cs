namespace MicroSpark.Tests.Floors;

/// <summary>One file names what another declares.</summary>
internal sealed record Arrow(string From, string To, IReadOnlyList<string> Names)
{
    public string Ends => $"{From} -> {To}";

    public override string ToString() => $"{Ends} ({string.Join(", ", Names)})";
}
