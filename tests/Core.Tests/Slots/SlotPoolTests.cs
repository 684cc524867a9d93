using System.Collections.Concurrent;
using MicroSpark.Slots;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Slots;

/// <summary>Real threads, which stop where the test wants, and time that passes when the test says so.</summary>
public sealed class SlotPoolTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly BlockingCollection<Gate> _begun = [];
    private readonly List<SlotPool> _pools = [];

    public void Dispose()
    {
        foreach (var pool in _pools)
        {
            pool.Dispose();
        }
    }

    [Fact]
    public void As_many_run_as_there_are_slots()
    {
        var pool = Pool(2);
        Add(pool, Line(1), 3);
        var first = Begun();
        var second = Begun();
        Assert.Equal(2, pool.Busy);
        first.Open();
        var third = Begun();
        second.Open();
        third.Open();
    }

    [Fact]
    public void A_group_that_waits_20_ms_gets_a_thread_above_the_slots_for_all_its_short_tasks()
    {
        var pool = Pool(1);
        Add(pool, Line(1), 2);
        var big = Begun();
        var tiny = new CountdownEvent(8);
        var line = Line(2);
        pool.Enqueue(line, [.. Enumerable.Range(0, 8).Select(_ => new SlotTask(line, () => tiny.Signal()))]);
        Assert.Equal(1, pool.Busy);
        _time.Advance(TimeSpan.FromMilliseconds(25));
        tiny.Wait();
        big.Open();
        Begun().Open();
    }

    [Fact]
    public void Not_more_threads_run_above_than_there_are_slots()
    {
        var pool = Pool(1);
        Add(pool, Line(1), 1);
        var gates = new List<Gate> { Begun() };
        Add(pool, Line(2), 1);
        Add(pool, Line(3), 1);
        _time.Advance(TimeSpan.FromMilliseconds(25));
        gates.Add(Begun());
        _time.Advance(TimeSpan.FromMilliseconds(25));
        Assert.Equal(2, pool.Busy);
        gates[1].Open();
        gates.Add(Begun(() => _time.Advance(TimeSpan.FromMilliseconds(25))));
        Assert.InRange(pool.Busy, 2, 2);
        gates[0].Open();
        gates[2].Open();
    }

    [Fact]
    public void A_task_above_the_slots_that_takes_longer_than_a_second_is_paid_back_by_the_next_slot()
    {
        var pool = Pool(1);
        Add(pool, Line(1), 2);
        var first = Begun();
        Add(pool, Line(2), 1);
        _time.Advance(TimeSpan.FromMilliseconds(25));
        var above = Begun();
        _time.Advance(TimeSpan.FromSeconds(2));
        var free = new ManualResetEventSlim();
        first.OpenAnd(free);
        free.Wait();
        Until(() => pool.Busy == 1);

        // The slot is free and stays empty, although a task waits and its group is starving too: all threads above are taken.
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, pool.Busy);
        above.Open();
        Begun().Open();
    }

    [Fact]
    public async Task Slots_are_kept_for_tasks_that_run_together_or_not_at_all()
    {
        var pool = Pool(2);
        Add(pool, Line(1), 3);
        var first = Begun();
        var second = Begun();
        var reservation = new SlotReservation(2);
        var granted = pool.ReserveAsync(reservation, above: false);
        first.Open();
        Until(() => pool.Busy == 1);
        Assert.False(granted.IsCompleted);
        second.Open();
        Assert.True(await granted);
        Assert.Equal(0, pool.Busy);

        var line = new TaskLine([Share(2)]) { Reservation = reservation };
        Add(pool, line, 2);
        var together = new[] { Begun(), Begun() };
        Assert.All(together, gate => Assert.Same(line, gate.Line));
        Array.ForEach(together, static gate => gate.Open());
        Until(() => pool.Busy == 0);
        pool.Release(reservation);
        Begun().Open();
    }

    /// <summary>Its owner was lost meanwhile: nobody would give the slots back.</summary>
    [Fact]
    public async Task What_is_given_back_before_it_is_asked_for_is_not_kept()
    {
        var pool = Pool(1);
        var reservation = new SlotReservation(1);
        pool.Release(reservation);
        Assert.False(await pool.ReserveAsync(reservation, above: false, patient: true));
        Add(pool, Line(1), 1);
        Begun().Open();
    }

    [Fact]
    public async Task Slots_that_were_gathered_for_a_second_in_vain_are_given_back()
    {
        var pool = Pool(2);
        Add(pool, Line(1), 3);
        var first = Begun();
        var second = Begun();
        var granted = pool.ReserveAsync(new SlotReservation(2), above: false);
        first.Open();
        Until(() => pool.Busy == 1);
        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.False(await granted);
        var third = Begun();
        second.Open();
        third.Open();
    }

    [Fact]
    public async Task More_tasks_than_slots_run_together_above_them()
    {
        var pool = Pool(1);
        Assert.False(await pool.ReserveAsync(new SlotReservation(3), above: false));
        var reservation = new SlotReservation(3);
        Assert.True(await pool.ReserveAsync(reservation, above: true));
        Add(pool, new TaskLine([Share(1)]) { Reservation = reservation }, 3);
        Gate[] gates = [Begun(), Begun(), Begun()];
        Assert.Equal(3, pool.Busy);
        Array.ForEach(gates, static g => g.Open());
        Until(() => pool.Busy == 0);
        pool.Release(reservation);
    }

    private SlotPool Pool(int slots)
    {
        var pool = new SlotPool(
            slots, "test", new ShareTree(_time.TimestampFrequency, SchedulingMode.Fair, ShareRules.Equal.WeightOf), _time);
        _pools.Add(pool);
        return pool;
    }

    private static TaskShare Share(int group) => new(Guid.Empty, "", $"g{group}", 1, new JobId(new Guid(group, 0, 0, new byte[8])), 0);

    private static TaskLine Line(int group) => new([Share(group)]);

    private void Add(SlotPool pool, TaskLine line, int count) => pool.Enqueue(
        line, [.. Enumerable.Range(0, count).Select(_ => new Gate(line)).Select(gate => new SlotTask(line, () =>
        {
            _begun.Add(gate);
            gate.Wait();
        }))]);

    private Gate Begun() => _begun.Take();

    /// <summary>While something has to happen first that only time brings.</summary>
    private Gate Begun(Action meanwhile)
    {
        Gate? gate;
        while (!_begun.TryTake(out gate))
        {
            meanwhile();
            Thread.Yield();
        }

        return gate;
    }

    private static void Until(Func<bool> condition) => SpinWait.SpinUntil(condition);

    /// <summary>Holds a task until the test opens it.</summary>
    private sealed class Gate(TaskLine line)
    {
        private readonly ManualResetEventSlim _open = new();
        private ManualResetEventSlim? _then;

        public TaskLine Line => line;

        public void Open() => _open.Set();

        public void OpenAnd(ManualResetEventSlim then)
        {
            _then = then;
            Open();
        }

        public void Wait()
        {
            _open.Wait();
            _then?.Set();
        }
    }
}
