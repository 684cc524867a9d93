using System.Text.RegularExpressions;

namespace MicroSpark.Tests.Programs;

/// <summary>The programs in the documents for users run as they stand.</summary>
public sealed class DocumentTests
{
    private const string Start = "await using var spark = await MicroSparkContext.StartLocalAsync();\n";

    [Theory]
    [InlineData("submitting.md", 1)]
    [InlineData("troubleshooting.md", 6)]
    [InlineData("jobs.md", 4)]
    [InlineData("logging.md", 1)]
    [InlineData("debugging.md", 3)]
    [InlineData("faq.md", 3)]
    public async Task The_programs_of_a_document_run(string document, int blocks)
    {
        var found = Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Repository(), "docs", document)), "^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline);
        Assert.Equal(blocks, found.Count);
        using var folder = new ProgramFolder();
        var words = folder.File("words.txt");
        await File.WriteAllTextAsync(words, "to be or not to be");
        for (var i = 0; i < found.Count; i++)
        {
            var code = found[i].Groups[1].Value;
            var source = code.Contains("using MicroSpark;", StringComparison.Ordinal) ? code : "using System.Threading;\n" + Start + code;
            await Cli.OutputAsync(null, "submit", "--local", "2", folder.Program($"Block{i}", source), words);
        }
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MicroSpark.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
