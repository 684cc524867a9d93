using MicroSpark.Tests.Floors;

namespace MicroSpark.Tests;

/// <summary>Parting a long type into files makes the files short, not the type: what counts is all that shares its fields.</summary>
public sealed class TypeSizeTests
{
    private const int Limit = 400;
    private const string AllowList = "tests/Architecture.Tests/long-types.txt";

    [Fact]
    public void A_long_type_has_a_reason()
    {
        var allowed = Allowed().Select(entry => entry.Name).ToHashSet();
        var found = TooLong().Where(type => !allowed.Contains(type.Name)).Select(type => $"{type.Name} ({type.Root}): {type.Lines} lines").ToArray();

        Assert.True(
            found.Length == 0,
            $"""
            More than {Limit} lines with all their partial declarations. Take out what can stand by itself, with the fields that only it uses, or give the
            reason in {AllowList}:
            {string.Join(Environment.NewLine, found)}
            """);
    }

    [Fact]
    public void A_reason_is_still_needed() => Assert.Empty(Allowed().Select(entry => entry.Name).Except(TooLong().Select(type => type.Name)));

    [Fact]
    public void A_reason_is_given() => Assert.All(Allowed(), entry => Assert.True(entry.Reason.Length >= 10, entry.Name));

    private static IEnumerable<DeclaredType> TooLong() =>
        SourceReading.Repository.Types.Where(type => type.Lines > Limit).OrderBy(type => type.Name, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Reason)> Allowed() =>
        from line in File.ReadLines(SourceTree.Absolute(AllowList))
        where line.Length > 0 && line[0] != '#'
        let parts = line.Split(" : ", 2)
        select (parts[0], parts.Length == 2 ? parts[1] : "");
}
