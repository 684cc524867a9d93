using MicroSpark.Analyzers;

namespace MicroSpark.Tests;

/// <summary>What an editor offers mends the program.</summary>
public sealed class FixTests
{
    [Fact]
    public async Task A_forgotten_await_is_added_where_there_can_be_one()
    {
        using var async = new Snippet("class Program { async Task Of(Rdd<long> rdd) { rdd.CountAsync(); await Task.Yield(); } }");
        Assert.EndsWith("{ await rdd.CountAsync(); await Task.Yield(); } }", await async.FixedAsync(new AwaitFix()), StringComparison.Ordinal);

        using var not = new Snippet("class Program { void Of(Rdd<long> rdd) { rdd.CountAsync(); } }");
        Assert.Null(await not.FixedAsync(new AwaitFix()));
    }

    [Theory]
    [InlineData("static int s_limit;", "s_limit", "var limit = s_limit;", "limit")]
    [InlineData("static int Limit { get; set; }", "Program.Limit", "var limit = Program.Limit;", "limit")]
    [InlineData("readonly int _limit = 3;", "_limit", "var limit = _limit;", "limit")]
    [InlineData("readonly int limit = 3;", "this.limit", null, null)]
    public async Task A_member_is_copied_to_a_local_variable(string member, string used, string? copy, string? instead)
    {
        using var snippet = new Snippet($$"""
            class Program
            {
                {{member}}

                Rdd<long> Of(Rdd<long> rdd)
                {
                    var all = rdd.Filter(n => n < {{used}} && n > -{{used}});
                    return all;
                }
            }
            """);

        var text = await snippet.FixedAsync(new LocalCopyFix());

        if (copy is null)
        {
            Assert.Null(text);
            return;
        }

        Assert.Contains(copy, text, StringComparison.Ordinal);
        Assert.Contains($"rdd.Filter(n => n < {instead} && n > -{instead})", text, StringComparison.Ordinal);
        Assert.True(text!.IndexOf(copy, StringComparison.Ordinal) < text.IndexOf("rdd.Filter", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_written_above_the_statement_stays_there_once()
    {
        using var snippet = new Snippet("""
            class Program
            {
                static int s_limit;

                Rdd<long> Of(Rdd<long> rdd)
                {
                    Console.WriteLine();

                    // The small ones.
                    return rdd.Filter(n => n < s_limit);
                }
            }
            """);

        Assert.Contains(
            """
                    Console.WriteLine();

                    // The small ones.
                    var limit = s_limit;
                    return rdd.Filter(n => n < limit);
                }
            """,
            await snippet.FixedAsync(new LocalCopyFix()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("static int s_count;", "s_count++")]
    [InlineData("static int s_count;", "Interlocked.Increment(ref s_count)")]
    [InlineData("long this[long n] => n;", "this[n]")]
    public async Task What_is_written_or_has_no_name_is_not_copied(string member, string used)
    {
        using var snippet = new Snippet($$"""class Program { {{member}} object Of(Rdd<long> rdd) { return rdd.Map(n => {{used}}); } }""");
        Assert.Null(await snippet.FixedAsync(new LocalCopyFix()));
    }
}
