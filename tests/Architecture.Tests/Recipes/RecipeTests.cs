using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MicroSpark.Tests.Floors;

namespace MicroSpark.Tests.Recipes;

/// <summary>Whoever follows docs/contributing.md to the letter has code that compiles.</summary>
public sealed class RecipeTests
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> Source = new(() =>
        [.. SourceTree.Files(".cs", "src", "samples/Samples").Select(path => new SourceFile(path, SourceTree.Read(path)))]);

    public static TheoryData<string> Titles => [.. Recipe.All.Select(recipe => recipe.Title)];

    /// <summary>Those that change source.</summary>
    public static TheoryData<string> Coded => [.. Recipe.All.Where(recipe => recipe.Blocks.Count > 0).Select(recipe => recipe.Title)];

    [Fact]
    public void There_are_recipes() => Assert.InRange(Recipe.All.Count, 6, int.MaxValue);

    [Theory]
    [MemberData(nameof(Titles))]
    public void A_recipe_shows_code_or_commands(string title)
    {
        var recipe = Find(title);

        Assert.True(
            recipe.Blocks.Count > 0 || DocumentTests.Fences(recipe.Text).Any(fence => fence.Language == "sh"),
            $"'{title}' of {Recipe.Document} has neither a block with file=PATH behind its language nor one of commands (sh).");
        Assert.Equal(recipe.Blocks.Count, recipe.Blocks.Count(block => Path.GetExtension(block.Path) == ".cs"));
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public void The_files_that_a_recipe_names_are_there(string title)
    {
        var recipe = Find(title);
        var made = recipe.Blocks.Where(block => block.Anchor is null).Select(block => block.Path).ToArray();
        string[] missing = [.. recipe.NamedFiles.Except(made).Where(path => !File.Exists(SourceTree.Absolute(path)))];

        Assert.True(missing.Length == 0, $"'{title}' of {Recipe.Document} names files that are not there: {string.Join(", ", missing)}");
    }

    [Theory]
    [MemberData(nameof(Coded))]
    public void A_recipe_fits_the_source_and_compiles(string title)
    {
        var changed = Find(title).Apply(path => File.Exists(SourceTree.Absolute(path)) ? SourceTree.Read(path) : null);
        string[] errors = [.. changed.SelectMany(SyntaxErrors), .. CompilerErrors([.. changed.Where(IsSource)])];

        Assert.True(errors.Length == 0, $"'{title}' of {Recipe.Document}, done in memory, does not compile:\n{string.Join('\n', errors)}");
    }

    [Fact]
    public void Blocks_are_applied_one_after_the_other()
    {
        const string text =
            """
            ## Recipe: a number
            ```csharp file=src/Core/A.cs after="class A"
                public const int One = 1;
            ```
            ```csharp file=src/Core/A.cs replace="One = 1"
                public const string One = "1";
            ```
            ```csharp file=src/Core/B.cs
            class B;
            ```
            ```csharp
            Not.Ours();
            ```
            ## Not a recipe
            """;
        var recipe = Assert.Single(Recipe.Parse(text));

        Assert.Equal(
            [new("src/Core/A.cs", "class A {\n    public const string One = \"1\";\n}"), new("src/Core/B.cs", "class B;\n")],
            recipe.Apply(path => path == "src/Core/A.cs" ? "class A {\n}" : null));
        Assert.Throws<RecipeException>(() => recipe.Apply(_ => "class A {\nclass A {"));
        Assert.Throws<RecipeException>(() => recipe.Apply(_ => null));
        Assert.Throws<FormatException>(() => RecipeBlock.Parse("path=src/Core/A.cs", ""));
    }

    private static Recipe Find(string title) => Recipe.All.Single(recipe => recipe.Title == title);

    private static bool IsSource(SourceFile file) => file.Path.StartsWith("src/", StringComparison.Ordinal);

    private static IEnumerable<string> SyntaxErrors(SourceFile file) =>
        CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.CSharp14), file.Path).GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.ToString());

    private static IEnumerable<string> CompilerErrors(IReadOnlyList<SourceFile> changed)
    {
        var paths = changed.Select(file => file.Path).ToHashSet();
        return SourceCompilation.Of([.. Source.Value.Where(file => !paths.Contains(file.Path)), .. changed]).SelectMany(SourceCompilation.Errors);
    }
}
