using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Rdds;
using MicroSpark.Model;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Stages;

namespace MicroSpark.Tests.Rdds;

public sealed class BlockCopierTests : TaskSetTests
{
    /// <summary>An RDD that was computed before its second copies were wanted has all of them copied at once.</summary>
    [Fact]
    public Task What_one_worker_copies_goes_there_in_messages_of_bounded_size() => OnOneThread(async () =>
    {
        var workers = Workers(static task => FakeWorker.Success(task), "a", "b");
        var blocks = Enumerable.Range(0, (2 * BlockCopier.MostTasks) + 1).Select(static p => (p, new AttemptId(1 + p), new WorkerId("a"))).ToArray();
        var copied = 0;
        await AdvanceUntil(new BlockCopier(workers).CopyAsync(Stage(1), 1, blocks, _ => copied++), TimeSpan.FromSeconds(5));
        Assert.Equal(blocks.Length, copied);
        Assert.Equal([BlockCopier.MostTasks, BlockCopier.MostTasks, 1], workers["b"].Batches.Select(static b => b.Tasks.Length));
        Assert.Empty(workers["a"].Batches);
    });
}
