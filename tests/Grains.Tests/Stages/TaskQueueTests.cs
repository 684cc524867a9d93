using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Stages;
using MicroSpark.Model;

namespace MicroSpark.Tests.Stages;

/// <summary>A task that nobody has tried is a number until a worker takes it.</summary>
public sealed class TaskQueueTests
{
    private static readonly WorkerId A = new("a");
    private static readonly WorkerId B = new("b");

    private readonly List<int> _begun = [];
    private readonly TaskQueue _queue;

    public TaskQueueTests() => _queue = new TaskQueue(work => _begun.Add(work.Partition), static (work, worker, idle) => work.Avoids(worker, idle));

    [Fact]
    public void A_worker_takes_its_own_in_order_and_helps_from_the_end()
    {
        Place(Enumerable.Range(10, 6), p => p < 13 ? A : B);
        Assert.Equal(6, _queue.Count);
        Assert.Equal([10, 11], Take(A, 2));
        Assert.Equal([12, 15, 14], Take(A, 3));
        Assert.Equal([10, 11, 12, 15, 14], _begun);
        Assert.True(_queue.Has(B));
        Assert.False(_queue.Has(A));
        Assert.Equal([13], Take(B, 5));
        Assert.Equal(0, _queue.Count);
        Assert.Empty(Take(A, 5));
    }

    [Fact]
    public void What_waited_before_goes_first_and_begins_once()
    {
        Place([0, 1, 2], _ => A);
        var first = Assert.Single(_queue.Take(A, 1, static _ => true, alone: true, idle: true));
        _queue.Add(first, A);
        _queue.Add(first, A);
        Assert.Equal(3, _queue.Count);
        Assert.Equal([0, 1], Take(A, 2));
        Assert.Equal([0, 1], _begun);
    }

    [Fact]
    public void Tasks_stay_with_their_data_until_they_may_leave()
    {
        Place(Enumerable.Range(0, 4), _ => A, isHome: p => p != 2);
        Assert.Equal(1, _queue.For(B, static _ => true, alone: false, idle: true));
        Assert.Equal([2], Take(B, 9));
        Assert.Equal(3, _queue.For(B, static at => at != A, alone: false, idle: true));
        Assert.Equal([3], Take(B, 1, static at => at != A));
        _queue.MayLeaveHome = true;
        Assert.Equal([1, 0], Take(B, 9));
        Assert.Equal([A, null], new[] { HomeOf(isHome: true), HomeOf(isHome: false) });
    }

    [Fact]
    public void Removed_tasks_are_never_taken_wherever_they_stood()
    {
        var numbers = Enumerable.Range(1_000, 200).ToArray();
        _queue.Expect(Placed(numbers));
        Assert.True(_queue.RemoveUntried(1_000));
        Assert.False(_queue.RemoveUntried(1_000));
        Assert.False(_queue.RemoveUntried(999));
        Assert.False(_queue.RemoveUntried(1_200));
        Array.ForEach(numbers, p => _queue.Place(p, A, isHome: false));
        foreach (var partition in new[] { 1_001, 1_063, 1_064, 1_100, 1_199 })
        {
            Assert.True(_queue.RemoveUntried(partition));
        }

        int[] left = [.. numbers.Except([1_000, 1_001, 1_063, 1_064, 1_100, 1_199])];
        Assert.Equal(left, _queue.Untried);
        Assert.Equal(left.Length, _queue.Count);
        Assert.Equal(left.Length, _queue.For(B, static _ => true, alone: false, idle: true));
        Assert.Equal(left, Take(A, 500));
        Assert.False(_queue.RemoveUntried(1_002));
        Assert.Equal(0, _queue.For(A, static _ => true, alone: true, idle: true));
    }

    [Fact]
    public void Who_reads_what_is_left_may_remove_it()
    {
        Place(Enumerable.Range(5, 130), _ => A);
        foreach (var partition in _queue.Untried)
        {
            Assert.True(_queue.RemoveUntried(partition));
        }

        Assert.Equal(0, _queue.Count);
        Assert.False(_queue.Has(A));
        Assert.Empty(_begun);
    }

    private static PlacedPartition[] Placed(IEnumerable<int> partitions) => [.. partitions.Select(static p => new PlacedPartition(p, null))];

    private WorkerId? HomeOf(bool isHome)
    {
        var queue = new TaskQueue(static _ => { }, static (work, worker, idle) => work.Avoids(worker, idle));
        queue.Expect(Placed([7]));
        queue.Place(7, A, isHome);
        return Assert.Single(queue.Take(A, 1, static _ => true, alone: true, idle: true)).Home;
    }

    private void Place(IEnumerable<int> partitions, Func<int, WorkerId> at, Func<int, bool>? isHome = null)
    {
        int[] all = [.. partitions];
        _queue.Expect(Placed(all));
        Array.ForEach(all, p => _queue.Place(p, at(p), isHome?.Invoke(p) ?? false));
    }

    private List<int> Take(WorkerId worker, int most, Func<WorkerId, bool>? isThere = null) =>
        [.. _queue.Take(worker, most, isThere ?? (static _ => true), alone: false, idle: true).Select(static w => w.Partition)];
}
