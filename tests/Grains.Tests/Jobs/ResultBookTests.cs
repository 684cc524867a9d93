using MicroSpark.Grains.Contracts;
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
    [InlineData(3 << 20, 1)]
    [InlineData(3 << 19, 2)]
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

    /// <summary>Results without bytes of their own take room in a message too, and there may be a million of them.</summary>
    [Fact]
    public void A_page_of_empty_results_is_below_the_limit_too()
    {
        var book = new ResultBook();
        for (var p = 0; p < 200_000; p++)
        {
            book.Commit(new CommittedResult(p, new AttemptId(p + 1), new WorkerId("w"), 0, 0, null, Counts: false, null));
        }

        var seen = 0;
        for (var page = book.Page(0); page.Length > 0; page = book.Page(seen))
        {
            Assert.InRange(page.Length, 1, 50_000);
            Assert.Equal(seen, page[0].Partition);
            seen += page.Length;
        }

        Assert.Equal(200_000, seen);
    }

    [Fact]
    public void The_last_of_many_partitions_may_be_wanted_alone()
    {
        var book = new ResultBook();
        Assert.True(book.Commit(Some.Result(999_999)));
        Assert.True(book.Has(999_999));
        Assert.False(book.Has(999_998));
        Assert.False(book.Has(5_000_000));
        Assert.Equal(999_999, Assert.Single(book.Page(0)).Partition);
    }
}
