using MicroSpark.Slots;

namespace MicroSpark.Tests.Slots;

/// <summary>One slot or two, and times that the test gives: who is next is a rule, not a race.</summary>
public sealed class ShareTreeTests
{
    private const long Second = 1_000_000;

    private static readonly Guid s_context = new(1, 0, 0, new byte[8]);
    private readonly List<string> _order = [];
    private long _now;

    [Fact]
    public void Contexts_have_equal_parts_however_many_jobs_and_groups_they_have()
    {
        var tree = Tree();
        Add(tree, 60, Share("a", context: 1, job: 1));
        Add(tree, 60, Share("b", context: 1, group: "g", job: 2));
        Add(tree, 60, Share("c", context: 1, group: "g", job: 3));
        Add(tree, 60, Share("d", context: 2, job: 4));
        Run(tree, 60);
        Assert.Equal(30, _order.Count(static o => o == "4"));
        Assert.Equal((15, 8, 7), (Count("1"), Count("2"), Count("3")));
    }

    [Fact]
    public void Principals_have_equal_parts_however_many_programs_they_run()
    {
        var tree = Tree();
        foreach (var context in new[] { 1, 2, 3 })
        {
            Add(tree, 60, Share("many", context, job: context) with { Owner = "ann" });
        }

        Add(tree, 60, Share("one", context: 4, job: 4) with { Owner = "bob" });
        Add(tree, 60, Share("all", context: 5, job: 5));
        Run(tree, 90);
        Assert.Equal((30, 30), (Count("4"), Count("5")));
        Assert.Equal((10, 10, 10), (Count("1"), Count("2"), Count("3")));
    }

    [Fact]
    public void A_principal_has_its_weight_and_its_programs_have_theirs_inside_it()
    {
        var tree = Tree(weights: new() { ["nightly"] = 4 }, owners: new() { ["ann"] = 3 });
        Add(tree, 80, Share("nightly", context: 1, job: 1) with { Owner = "bob" });
        Add(tree, 80, Share("other", context: 2, job: 2) with { Owner = "ann" });
        Add(tree, 80, Share("nightly", context: 3, job: 3) with { Owner = "ann" });
        Run(tree, 100);
        Assert.Equal((25, 15, 60), (Count("1"), Count("2"), Count("3")));
    }

    /// <summary>Another's context is no way to another's share: a context's id is told to its owner only, but a program may say any.</summary>
    [Fact]
    public void A_context_that_two_principals_name_is_two()
    {
        var tree = Tree();
        Add(tree, 80, Share("a", context: 1, job: 1) with { Owner = "ann" });
        Add(tree, 80, Share("a", context: 1, group: "more", job: 2) with { Owner = "bob" });
        Add(tree, 80, Share("a", context: 1, group: "most", job: 3) with { Owner = "bob" });
        Run(tree, 80);
        Assert.Equal((40, 20, 20), (Count("1"), Count("2"), Count("3")));
    }

    /// <summary>A light principal with a hundred programs, each of which waits: all of them together have no more than its share.</summary>
    [Fact]
    public void Threads_above_the_slots_leave_the_weights_of_principals_as_they_are()
    {
        var tree = Tree(owners: new() { ["heavy"] = 20 });
        Add(tree, 20_000, Share("a", context: 1, job: 1) with { Owner = "heavy" });
        for (var context = 2; context < 102; context++)
        {
            Add(tree, 200, Share("a", context, job: context) with { Owner = "light" });
        }

        Assert.InRange(FirstJobsShare(tree), 14, 21);
    }

    [Fact]
    public void A_context_has_its_programs_weight()
    {
        var tree = Tree(weights: new() { ["nightly"] = 3 });
        Add(tree, 80, Share("nightly", context: 1, job: 1));
        Add(tree, 80, Share("other", context: 2, job: 2));
        Run(tree, 80);
        Assert.Equal((60, 20), (Count("1"), Count("2")));
    }

    [Fact]
    public void Groups_share_by_their_weights_and_in_time_not_in_tasks()
    {
        var tree = Tree();
        Add(tree, 100, Share("a", group: "long", weight: 1, job: 1));
        Add(tree, 100, Share("a", group: "short", weight: 2, job: 2));
        long of1 = 0, of2 = 0;
        for (var turn = 0; turn < 60; turn++)
        {
            var task = tree.Take(_now)!;
            task.Run();
            (of1, of2) = _order[^1] == "1" ? (of1 + Second, of2) : (of1, of2 + (Second / 10));
            _now += _order[^1] == "1" ? Second : Second / 10;
            tree.End(task, _now);
        }

        Assert.InRange(of2 / (double)of1, 1.8, 2.2);
    }

    [Fact]
    public void Whoever_was_idle_brings_no_credit()
    {
        var tree = Tree();
        Add(tree, 100, Share("a", group: "busy", job: 1));
        Run(tree, 50);
        Add(tree, 100, Share("a", group: "fresh", job: 2));
        _order.Clear();
        Run(tree, 40);
        Assert.Equal((20, 20), (Count("1"), Count("2")));
    }

    [Fact]
    public void Whoever_was_idle_for_a_while_still_owes_what_it_took()
    {
        var tree = Tree();
        Add(tree, 1, Share("a", group: "greedy", job: 1));
        Add(tree, 40, Share("a", group: "modest", job: 2));
        var first = tree.Take(_now)!;
        _now += 10 * Second;
        tree.End(first, _now);
        Add(tree, 40, Share("a", group: "greedy", job: 3));
        Run(tree, 10);
        Assert.Equal(10, Count("2"));
    }

    [Fact]
    public void Jobs_of_a_group_share_fairly_or_come_first_come_first_served()
    {
        foreach (var mode in new[] { SchedulingMode.Fair, SchedulingMode.Fifo })
        {
            _order.Clear();
            var tree = Tree(mode);
            Add(tree, 10, Share("a", job: 2, submitted: 20));
            Add(tree, 10, Share("a", job: 1, submitted: 10));
            Run(tree, 10);
            Assert.Equal(mode == SchedulingMode.Fifo ? (10, 0) : (5, 5), (Count("1"), Count("2")));
        }
    }

    [Fact]
    public void Two_slots_that_come_free_at_once_go_to_different_groups()
    {
        var tree = Tree();
        Add(tree, 10, Share("a", group: "one", job: 1));
        Add(tree, 10, Share("a", group: "two", job: 2));
        tree.Take(_now)!.Run();
        tree.Take(_now)!.Run();
        Assert.Equal(["1", "2"], _order.Order());
    }

    [Fact]
    public void Within_a_line_tasks_keep_their_order_and_one_that_is_taken_back_leaves_it()
    {
        var tree = Tree();
        var line = new TaskLine([Share("a", job: 1)]);
        SlotTask[] tasks = [.. Enumerable.Range(0, 4).Select(i => new SlotTask(line, () => _order.Add($"{i}")))];
        tree.Add(line, tasks, _now);
        Assert.True(tree.Remove(tasks[1], _now));
        Assert.False(tree.Remove(tasks[1], _now));
        while (tree.Take(_now) is { } task)
        {
            task.Run();
            Assert.False(tree.Remove(task, _now));
        }

        Assert.Equal(["0", "2", "3"], _order);
        Assert.Equal(0, tree.Queued);
    }

    [Fact]
    public void A_group_without_a_slot_is_starving_after_20_ms()
    {
        var tree = Tree();
        Add(tree, 3, Share("a", group: "big", job: 1));
        var big = tree.Take(_now)!;
        _now = Second / 100;
        Add(tree, 2, Share("a", group: "tiny", job: 2));
        Assert.Null(tree.TakeStarving(_now));
        Assert.Equal(_now + (Second / 50), tree.NextStarving(_now));
        _now += Second / 50;
        var tiny = tree.TakeStarving(_now)!;
        Assert.True(tiny.Above);
        Assert.Null(tree.TakeStarving(_now));
        Assert.Null(tree.NextStarving(_now));

        // From the moment at which its last task lost the slot.
        _now += Second;
        tree.End(tiny, _now);
        Assert.Null(tree.TakeStarving(_now));
        Assert.Equal(_now + (Second / 50), tree.NextStarving(_now));
        tree.End(big, _now);
    }

    /// <summary>A light group with tasks all the time, on one slot beside a heavy one: tasks of 10 ms, a thread above for a second.</summary>
    [Fact]
    public void Threads_above_the_slots_leave_the_weights_as_they_are()
    {
        var tree = Tree();
        Add(tree, 20_000, Share("a", group: "heavy", weight: 20, job: 1));
        Add(tree, 20_000, Share("a", group: "light", weight: 1, job: 2));
        Assert.InRange(FirstJobsShare(tree), 14, 21);
    }

    [Fact]
    public void Tasks_that_several_wait_for_are_charged_to_each_and_left_to_the_rest()
    {
        var tree = Tree();
        var light = Share("a", group: "light", job: 1);
        var heavy = Share("a", group: "heavy", weight: 9, job: 2);
        var line = new TaskLine([light]);
        tree.Add(line, [.. Enumerable.Range(0, 100).Select(_ => new SlotTask(line, () => _order.Add("shared")))], _now);
        Add(tree, 100, Share("a", group: "other", job: 3));
        Run(tree, 20);
        Assert.Equal(10, Count("shared"));

        tree.Share(line, [light, heavy], _now);
        _order.Clear();
        Run(tree, 20);
        Assert.InRange(Count("shared"), 17, 19);

        tree.Share(line, [light], _now);
        Add(tree, 100, Share("a", group: "other", job: 3));
        _order.Clear();
        Run(tree, 20);
        Assert.InRange(Count("shared"), 0, 12);
        Assert.Equal(20, _order.Count);
    }

    [Fact]
    public void What_is_idle_is_forgotten()
    {
        var tree = Tree();
        for (var job = 0; job < 1000; job++)
        {
            Add(tree, 1, Share("a", group: $"g{job}", job: job));
            Run(tree, 1);
        }

        Assert.Equal(0, tree.Queued);
        Assert.InRange(tree.Nodes, 1, 64);
    }

    private static ShareTree Tree(
        SchedulingMode mode = SchedulingMode.Fair, Dictionary<string, int>? weights = null, Dictionary<string, int>? owners = null)
    {
        var rules = new ShareRules(mode, weights ?? [], owners);
        return new(Second, mode, rules.WeightOf, rules.WeightOfOwner);
    }

    private static TaskShare Share(string application, int context = 0, string? group = null, int weight = 1, int job = 0, long submitted = 0) =>
        new(context == 0 ? s_context : new Guid(context, 0, 0, new byte[8]), application, group, weight, new JobId(new Guid(job, 0, 0, new byte[8])), submitted);

    private void Add(ShareTree tree, int count, TaskShare share)
    {
        var line = new TaskLine([share]);
        var name = int.Parse(share.Job.Value.ToString("N")[..8], System.Globalization.NumberStyles.HexNumber).ToString();
        tree.Add(line, [.. Enumerable.Range(0, count).Select(_ => new SlotTask(line, () => _order.Add(name)))], _now);
    }

    /// <summary>One slot; each task takes a tenth of a second.</summary>
    private void Run(ShareTree tree, int tasks)
    {
        for (var i = 0; i < tasks; i++)
        {
            var task = tree.Take(_now)!;
            task.Run();
            _now += Second / 10;
            tree.End(task, _now);
        }
    }

    /// <summary>
    /// The time of job 1 beside that of all others: one slot with tasks of 10 ms for a hundred seconds, and a thread above it whose tasks take
    /// a second.
    /// </summary>
    private double FirstJobsShare(ShareTree tree)
    {
        const long Step = Second / 100;
        long first = 0, others = 0;
        SlotTask? above = null;
        for (var step = 0; step < 10_000; step++)
        {
            var task = tree.Take(_now)!;
            task.Run();
            (first, others) = _order[^1] == "1" ? (first + Step, others) : (first, others + Step);
            above ??= tree.TakeStarving(_now);
            others += above is null ? 0 : Step;
            _now += Step;
            tree.End(task, _now);
            if (above is not null && _now - above.Began >= Second)
            {
                tree.End(above, _now);
                above = null;
            }
        }

        return first / (double)others;
    }

    private int Count(string job) => _order.Count(o => o == job);
}
