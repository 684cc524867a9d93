using MicroSpark.Grains.Jobs;
using MicroSpark.Model;

namespace MicroSpark.Tests.Jobs;

public sealed class ResultBookTests
{
    [Fact]
    public void What_is_lost_does_not_count_and_stays_in_the_log()
    {
        var book = new ResultBook();
        Assert.True(book.Commit(Some.Result(0)));
        Assert.True(book.Commit(Some.Result(1)));
        Assert.False(book.Commit(Some.Result(1, attempt: 2)));
        Assert.Equal((2, 2, 16L), (book.Count, book.Logged, book.Size));
        book.Forget([Some.Result(0), Some.Result(1, attempt: 2), Some.Result(5)]);
        Assert.Equal((1, 2, 8L), (book.Count, book.Logged, book.Size));
        Assert.True(book.Commit(Some.Result(0, attempt: 3)));
        Assert.Equal((2, 3, 16L), (book.Count, book.Logged, book.Size));
        Assert.Equal([1, 1, 3], book.Page(0).Select(r => r.Attempt.Value));
        Assert.Equal([new WorkerId("w0"), new WorkerId("w1")], book.Workers);
        Assert.Empty(book.Page(3));
        book.Clear();
        Assert.Equal((0, 0, 0L), (book.Count, book.Logged, book.Size));
    }

    /// <summary>A result that is larger than a page is a page.</summary>
    [Theory]
    [InlineData(5 << 20, 1)]
    [InlineData(3 << 20, 2)]
    [InlineData(0, 5)]
    public void A_page_is_as_much_as_fits_into_a_reply(int inline, int results)
    {
        var book = new ResultBook();
        for (var p = 0; p < 5; p++)
        {
            book.Commit(Some.Result(p, inline: inline));
        }

        Assert.Equal(results, book.Page(0).Length);
        Assert.Single(book.Page(4));
    }
}
