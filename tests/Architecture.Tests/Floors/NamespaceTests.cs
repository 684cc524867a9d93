namespace MicroSpark.Tests.Floors;

/// <summary>
/// Programs see one namespace, however the folders change. What is internal says where it lies, so that a <c>using</c> line shows which
/// rooms a file stands on.
/// </summary>
public sealed class NamespaceTests
{
    [Fact]
    public void A_public_type_is_in_MicroSpark_and_an_internal_one_in_the_namespace_of_its_folder()
    {
        var wrong =
            from type in SourceReading.Repository.Types
            let expected = type.IsPublic ? "MicroSpark" : NamespaceOf(type.Root)
            where type.Namespace != expected && !IsProgram(type)
            orderby type.Root
            select $"{type.Root}: {type.Name} is in {type.Namespace}, should be in {expected}";
        var found = wrong.ToArray();

        Assert.True(
            found.Length == 0,
            $"""
            Put public types into the namespace MicroSpark, internal ones into that of their folder. {found.Length} are elsewhere:
            {string.Join(Environment.NewLine, found)}
            """);
    }

    [Theory]
    [InlineData("src/Core/Rdd.cs", "MicroSpark")]
    [InlineData("src/Core/Formats/Csv/CsvReader.cs", "MicroSpark.Formats.Csv")]
    [InlineData("src/Grains/Jobs/JobGrain.cs", "MicroSpark.Grains.Jobs")]
    [InlineData("src/Silo/Arguments.cs", "MicroSpark.Silo")]
    internal void A_folder_has_a_namespace(string file, string expected) => Assert.Equal(expected, NamespaceOf(file));

    /// <summary>Core is the library's inside as such; each other project adds its name.</summary>
    private static string NamespaceOf(string file)
    {
        var folders = file.Split('/')[1..^1].Where(folder => folder != "Core");
        return string.Join('.', folders.Prepend("MicroSpark"));
    }

    /// <summary>Statements at the top of a file become a class whose namespace nobody can choose.</summary>
    private static bool IsProgram(DeclaredType type) => type is { Name: "Program", Namespace: "<global namespace>" };
}
