using MicroSpark.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Tests.Programs;

/// <summary>
/// What is computed again when programs run again on the same workers. Each computation of a partition leaves a file, so the count is
/// exact; programs and libraries are compiled by the test, and nothing is copied to the workers.
/// </summary>
[Collection(TwoWorkersCollection.Name)]
public sealed class ReuseTests(TwoWorkers workers)
{
    private const string Cached = """
        await using var spark = await MicroSparkContext.ConnectAsync();
        var marks = args[0];
        var words = spark.Parallelize(new[] { "One", "tWo", "three", "FOUR" }, 4).MapPartitions(items =>
        {
            File.WriteAllText(Path.Combine(marks, Guid.NewGuid().ToString()), "");
            return items.Select(i => WORD);
        }).Cache();
        Console.WriteLine(string.Join(' ', await words.CollectAsync()));
        """;

    [Theory]
    [InlineData(OptimizationLevel.Release)]
    [InlineData(OptimizationLevel.Debug)]
    public async Task Another_process_with_the_same_recipe_computes_nothing(OptimizationLevel optimization)
    {
        using var folder = new ProgramFolder();
        var marks = folder.Marks("marks");
        var program = folder.Program("App", Cached.Replace("WORD", "i + i.Length", StringComparison.Ordinal), optimization);

        Assert.Equal("One3 tWo3 three5 FOUR4", await SubmitAsync(program, marks.FullName));
        Assert.Equal(4, marks.GetFiles().Length);
        Assert.Equal("One3 tWo3 three5 FOUR4", await SubmitAsync(program, marks.FullName));
        Assert.Equal(4, marks.GetFiles().Length);

        // Started by itself, as `dotnet run` does: the same recipe still.
        folder.MakeRunnable(program);
        await using var alone = ChildProcess.Start("dotnet", [program, marks.FullName], workers.Settings);
        Assert.True(await alone.WaitForExitAsync() == 0, alone.Errors);
        Assert.Equal("One3 tWo3 three5 FOUR4", alone.Output.Trim());
        Assert.Equal(4, marks.GetFiles().Length);
    }

    [Fact]
    public async Task A_library_whose_method_changed_makes_its_callers_recipes_new_and_changed_back_the_old_ones_are_found()
    {
        const string Upper = "public static class Helper { public static string Word(string s) => s.ToUpperInvariant(); }";
        const string Lower = "public static class Helper { public static string Word(string s) => s.ToLowerInvariant(); }";
        using var folder = new ProgramFolder();
        var marks = folder.Marks("marks");
        var program = folder.Program("App", Cached.Replace("WORD", "Helper.Word(i)", StringComparison.Ordinal), OptimizationLevel.Release, folder.Library("Helper", Upper));
        var built = await File.ReadAllBytesAsync(program);

        Assert.Equal("ONE TWO THREE FOUR", await SubmitAsync(program, marks.FullName));
        Assert.Equal(4, marks.GetFiles().Length);

        folder.Library("Helper", Lower);
        Assert.Equal("one two three four", await SubmitAsync(program, marks.FullName));
        Assert.Equal(8, marks.GetFiles().Length);
        Assert.Equal("one two three four", await SubmitAsync(program, marks.FullName));
        Assert.Equal(8, marks.GetFiles().Length);

        folder.Library("Helper", Upper);
        Assert.Equal("ONE TWO THREE FOUR", await SubmitAsync(program, marks.FullName));
        Assert.Equal(8, marks.GetFiles().Length);
        Assert.Equal(built, await File.ReadAllBytesAsync(program));
    }

    [Fact]
    public async Task A_programs_own_types_travel_from_submit_and_its_exit_code_comes_back()
    {
        using var folder = new ProgramFolder();
        var library = folder.Library("Model", "public sealed record Person(string Name, Grade Grade, int? Age); public enum Grade : short { Low = -1, High = 300 }");
        var program = folder.Program(
            "People",
            """
            await using var spark = await MicroSparkContext.ConnectAsync();
            var people = spark.Parallelize(Enumerable.Range(0, 100), 5)
                .Map(n => new Person($"p{n % 3}", n % 2 == 0 ? Grade.Low : Grade.High, n % 5 == 0 ? null : n % 5));
            var groups = await people.KeyBy(p => p.Grade).GroupByKey(3).MapValues(all => all.Distinct().Count()).CollectAsync();
            var oldest = await people.SortBy(p => (p.Age, p.Name)).FirstAsync();
            Box<Person>[] boxes = await people.Map(p => new Box<Person>(p)).Distinct().CollectAsync();
            Console.WriteLine($"{string.Join(' ', groups.OrderBy(g => g.Key).Select(g => $"{g.Key}:{g.Value}"))} {oldest.Name} {boxes.Length}");
            try
            {
                await people.Map(p => p.Age is null ? throw new Missing(p) : p).CountAsync();
            }
            catch (JobFailedException e) when (e.InnerException is Missing { Person.Age: null } missing)
            {
                Console.WriteLine(missing.Message);
                return 7;
            }
            return 0;

            public sealed record Box<T>(T Item);

            public sealed class Missing(Person person) : Exception("no age")
            {
                public Person Person { get; } = person;
            }
            """,
            OptimizationLevel.Release, library);

        var (code, output, error) = await Cli.RunAsync(workers.Settings, "submit", "--cluster", program);

        Assert.True(code == 7, error);
        Assert.Equal(["Low:15 High:15 p0 30", "no age", ""], output.ReplaceLineEndings("\n").Split('\n'));
    }

    private async Task<string> SubmitAsync(string program, params string[] arguments) =>
        (await Cli.OutputAsync(workers.Settings, ["submit", "--cluster", program, .. arguments])).Trim();
}
