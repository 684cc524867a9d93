using MicroSpark.Files;
using MicroSpark.Hashing;
using MicroSpark.Stages.Splitting;

namespace MicroSpark.Tests.Files;

/// <summary>The words are those of <see cref="string.Split(char[], StringSplitOptions)"/>, whatever the line.</summary>
public class WordSplitterTests
{
    private static readonly char[]?[] s_separators = [null, [' '], [','], [' ', ','], ['\t', ' ', 'a'], ['é'], ['é', ' '], ['\0'], ['\u2003', ' '], [.. " ,.;:!?-"]];

    private static readonly string[] s_lines =
    [
        "", " ", "   ", "a", " a", "a ", "a b", "a  b", ",a, b ,", "one two three four five", "\0", "\0 \0\0", "é", "é é", "naïve café, déjà vu", "日本 語\u2003x",
        "\ud800 lone", "tab\tand space", "\u0085next\u00a0hard", new string(' ', 200), new string('x', 15), new string('x', 16), new string('x', 17) + " " + new string('x', 15),
        new string('y', 63) + " b", new string('y', 64) + " b", new string('z', 65) + " " + new string('z', 5_000) + " z",
        string.Join(' ', Enumerable.Range(0, 3_000)), string.Join(',', Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), i % 20))),
    ];

    public static TheoryData<StringSplitOptions> Options => [.. Enumerable.Range(0, 4).Select(i => (StringSplitOptions)i)];

    [Theory]
    [MemberData(nameof(Options))]
    public void Words_equal_those_of_Split(StringSplitOptions options)
    {
        foreach (var separators in s_separators)
        {
            var splitter = Splitter(separators, options);
            foreach (var line in s_lines)
            {
                AssertSame(splitter, line, separators, options);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Words_of_random_lines_equal_those_of_Split(StringSplitOptions options)
    {
        var random = new Random(5);
        foreach (var separators in s_separators)
        {
            // Few letters: words come again, in all lengths.
            var splitter = Splitter(separators, options);
            for (var round = 0; round < 300; round++)
            {
                var alphabet = round % 3 == 0 ? "aé \t,\u2003b" : "ab ,\t";
                AssertSame(splitter, string.Create(random.Next(200), random, (text, r) => r.GetItems(alphabet, text)), separators, options);
            }
        }
    }

    [Fact]
    public void More_words_than_the_table_holds_stay_right()
    {
        var splitter = Splitter([' '], StringSplitOptions.None);
        for (var first = 0; first < 400_000; first += 1_000)
        {
            AssertSame(splitter, string.Join(' ', Enumerable.Range(first, 1_000).Select(i => (i % 300_000).ToString("x"))), [' '], StringSplitOptions.None);
        }
    }

    [Fact]
    public void A_word_that_comes_again_is_the_same_string()
    {
        var splitter = Splitter([' '], StringSplitOptions.None);
        splitter.Split("short sixteen_letters_ short sixteen_letters_ naïve");
        Assert.Same(splitter.Words[0], splitter.Words[2]);
        Assert.Same(splitter.Words[1], splitter.Words[3]);
    }

    [Fact]
    public void Null_fails_within_the_function_as_it_does_without_us()
    {
        var splitter = Splitter([' '], StringSplitOptions.None);
        var error = Assert.Throws<NullReferenceException>(() => splitter.Split(null));
        Assert.Contains(nameof(Splitter), error.StackTrace, StringComparison.Ordinal);
    }

    private static WordSplitter Splitter(char[]? separators, StringSplitOptions options) => new(separators, options, line => line.Split(separators, options));

    private static void AssertSame(WordSplitter splitter, string line, char[]? separators, StringSplitOptions options)
    {
        var expected = line.Split(separators, options);
        splitter.Split(line);
        Assert.Equal(expected, splitter.Words[..splitter.Count]);
        Assert.Equal(expected.Select(StringHash.Of), splitter.Hashes[..splitter.Count]);
    }
}
