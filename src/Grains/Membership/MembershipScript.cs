namespace MicroSpark.Grains.Membership;

/// <summary>One provider's script, cut at its <c>--# name</c> lines.</summary>
/// <param name="Tables">Makes what is missing; may be run again.</param>
/// <param name="Queries">Orleans' queries by their key.</param>
internal sealed record MembershipScript(string Tables, IReadOnlyDictionary<string, string> Queries)
{
    private const string Mark = "--# ";

    /// <param name="name">Of the embedded resource under Scripts, without its extension.</param>
    public static MembershipScript Load(string name)
    {
        var resource = $"MicroSpark.Membership.Scripts.{name}.sql";
        using var stream = typeof(MembershipScript).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is not in MicroSpark.Grains.");
        using var reader = new StreamReader(stream);
        var sections = ("\n" + reader.ReadToEnd().ReplaceLineEndings("\n")).Split("\n" + Mark).Skip(1)
            .Select(static s => s.Split('\n', 2))
            .ToDictionary(static s => s[0].Trim(), static s => s[1].Trim(), StringComparer.Ordinal);
        if (!sections.Remove("tables", out var tables))
        {
            throw new InvalidOperationException($"The resource {resource} has no section \"tables\".");
        }

        return new MembershipScript(tables, sections);
    }
}
