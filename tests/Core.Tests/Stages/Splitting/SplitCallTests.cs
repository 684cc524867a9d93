using MicroSpark.Stages.Splitting;

namespace MicroSpark.Tests.Stages.Splitting;

/// <summary>Which functions are known for nothing but a split, and with what arguments.</summary>
public class SplitCallTests
{
    private readonly char _own = '/';

    public static TheoryData<Func<string, IEnumerable<string>>, string?, StringSplitOptions> Known
    {
        get
        {
            var captured = ';';
            char[] several = ['x', 'y'];
            var text = "|";
            var options = StringSplitOptions.TrimEntries;
            return new()
            {
                { line => line.Split(' '), " ", StringSplitOptions.None },
                { static line => line.Split('é', StringSplitOptions.RemoveEmptyEntries), "é", StringSplitOptions.RemoveEmptyEntries },
                { line => line.Split(), null, StringSplitOptions.None },
                { line => line.Split(null), null, StringSplitOptions.None },
                { line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), null, StringSplitOptions.RemoveEmptyEntries },
                { line => line.Split(Array.Empty<char>(), StringSplitOptions.TrimEntries), null, StringSplitOptions.TrimEntries },
                { line => line.Split(' ', ','), " ,", StringSplitOptions.None },
                { line => line.Split([' ', ',', '.', ';', '-']), " ,.;-", StringSplitOptions.None },
                { line => line.Split(new[] { 'a', 'b' }), "ab", StringSplitOptions.None },
                { line => line.Split(new[] { ' ', ',', '.', ';', '-' }, (StringSplitOptions)3), " ,.;-", (StringSplitOptions)3 },
                { line => line.Split(","), ",", StringSplitOptions.None },
                { line => line.Split("\t", StringSplitOptions.TrimEntries), "\t", StringSplitOptions.TrimEntries },
                { line => line.Split(captured), ";", StringSplitOptions.None },
                { line => line.Split(several, options), "xy", StringSplitOptions.TrimEntries },
                { line => line.Split(text), "|", StringSplitOptions.None },
                { Words, " ", StringSplitOptions.None },
            };
        }
    }

    public static TheoryData<Func<string, IEnumerable<string>>> Unknown
    {
        get
        {
            string? none = null;
            return
            [
                line => line.Split("ab"),
                line => line.Split(""),
                line => line.Split(none),
                line => line.Split(' ', 2),
                line => line.Split([' '], 2),
                line => line.Split(["ab", "c"], StringSplitOptions.None),
                line => line.Split([' ', ',', '.', ';', '-', '!', '?', ':', '\t']),
                line => line.Split(line[0]),
                line => line.Trim().Split(' '),
                line => "a b".Split(' '),
                line => line.Split(' ').Reverse(),
                line => line.Length > 3 ? line.Split(' ') : [],
                line => line.Split(' ', (StringSplitOptions)8),
                line => new[] { line },
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void A_function_that_only_splits_is_known(Func<string, IEnumerable<string>> function, string? separators, StringSplitOptions options)
    {
        var call = SplitCall.Of(function);
        Assert.NotNull(call);
        Assert.Equal(separators, call.Separators is null ? null : new string(call.Separators));
        Assert.Equal(options, call.Options);
    }

    [Fact]
    public void The_fields_of_the_object_that_a_function_belongs_to_are_read() => Assert.Equal("/", new string(SplitCall.Of(line => line.Split(_own))!.Separators));

    [Theory]
    [MemberData(nameof(Unknown))]
    public void Anything_else_is_called_as_it_is(Func<string, IEnumerable<string>> function) => Assert.Null(SplitCall.Of(function));

    private static string[] Words(string line) => line.Split(' ');
}
