using MicroSpark.Tasks;

namespace MicroSpark.Tests.Engine;

public class AwaitedCallTests
{
    [Fact]
    public async Task A_sequence_that_outlives_its_function_is_not_read()
    {
        var release = new TaskCompletionSource();
        Task<int>? reader = null;
        AwaitedCall.RunOver(
            part =>
            {
                reader = LaterAsync(part);
                return Task.CompletedTask;
            },
            Enumerable.Range(0, 3));
        release.SetResult();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => reader!);
        Assert.Contains("a task that is over", error.Message, StringComparison.Ordinal);

        async Task<int> LaterAsync(IEnumerable<int> part)
        {
            await release.Task;
            return part.Sum();
        }
    }

    [Fact]
    public void What_was_begun_is_ended_with_the_function()
    {
        var ended = 0;
        IEnumerator<int>? open = null;
        AwaitedCall.RunOver(
            part =>
            {
                open = part.GetEnumerator();
                Assert.True(open.MoveNext());
                Assert.Equal([0, 1], part);
                return Task.CompletedTask;
            },
            Counted());
        Assert.Equal(2, ended);
        open!.Dispose();
        Assert.Equal(2, ended);

        IEnumerable<int> Counted()
        {
            try
            {
                yield return 0;
                yield return 1;
            }
            finally
            {
                ended++;
            }
        }
    }
}
