using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Rdds;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Rdds;

public sealed class WishListTests
{
    private const string Nothing = "-";

    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);
    private static readonly StageFailure s_failure = new StageFailure.Broken(0, TaskFailure.Of(new FormatException("bad")));
    private static readonly string[] s_states = ["Unknown", "Pending", "Granted", "Failed"];

    /// <summary>Granted is pending with all partitions there. A wish that was told of its end is forgotten.</summary>
    private static readonly Dictionary<string, string[]> s_table = new()
    {
        ["Ensure"] = ["Pending", "Pending", "Granted", "Pending"],
        ["Tell"] = ["-", "-", "Unknown", "Unknown"],
        ["Fail"] = ["-", "Failed", "Failed", "-"],
        ["Withdraw"] = ["-", "Unknown", "Unknown", "Unknown"],
        ["Silence"] = ["-", "Unknown", "Unknown", "Unknown"],
    };

    private readonly ManualTime _time = new();
    private readonly List<string> _moves = [];
    private readonly BlockTable _blocks = new(3);
    private readonly WishList _wishes;

    public WishListTests() => _wishes = new WishList(_time, s_silence, (_, transition, reason) => _moves.Add($"{transition}: {reason}"));

    public static IEnumerable<object[]> All =>
        from row in s_table from cell in s_states.Zip(row.Value) select new object[] { cell.First, row.Key, cell.Second };

    [Theory]
    [MemberData(nameof(All))]
    public void Each_event_leads_where_the_table_says(string state, string transition, string expected)
    {
        var wish = Wish([0]);
        if (state != "Unknown")
        {
            _wishes.Ensure(wish);
        }

        if (state == "Granted")
        {
            Compute(0);
        }
        else if (state == "Failed")
        {
            _wishes.Fail(wish, s_failure);
        }

        _moves.Clear();
        switch (transition)
        {
            case "Ensure":
                _wishes.Ensure(wish);
                break;
            case "Tell":
                Assert.Equal(state, _wishes.Tell(wish.Requester, _blocks).GetType().Name);
                break;
            case "Fail":
                _wishes.Fail([0], s_failure);
                break;
            case "Withdraw":
                Assert.Equal(expected != Nothing, _wishes.Withdraw(wish.Requester));
                break;
            default:
                _time.Advance(s_silence + TimeSpan.FromTicks(1));
                _wishes.Silence();
                break;
        }

        var told = transition == "Tell" && state == "Granted" ? "Grant" : transition == "Tell" ? null : transition;
        Assert.Equal(expected == Nothing || told is null ? [] : [told], _moves.Select(m => m.Split(':')[0]));
        Assert.Equal(expected == Nothing ? state : expected, _wishes.Tell(wish.Requester, _blocks).GetType().Name);
    }

    [Fact]
    public void The_table_names_every_state()
    {
        var types = typeof(WishState).GetNestedTypes().Where(t => t.IsSealed).Select(t => t.Name);
        Assert.Equal(s_states.Order(), types.Order());
    }

    [Fact]
    public void A_wish_for_all_is_granted_when_all_is_there()
    {
        var (all, some) = (Wish(null), Wish([0, 2]));
        _wishes.Ensure(all);
        _wishes.Ensure(some);
        Compute(0);
        Compute(2);
        Assert.False(Assert.IsType<WishState.Granted>(_wishes.Tell(some.Requester, _blocks)).All);
        Assert.True(_wishes.IsPending(all, _blocks));
        Compute(1);
        Assert.True(Assert.IsType<WishState.Granted>(_wishes.Tell(all.Requester, _blocks)).All);
    }

    /// <summary>It is not enough that each partition was there once.</summary>
    [Fact]
    public void What_was_lost_meanwhile_is_waited_for_again()
    {
        var wish = Wish([0, 1]);
        _wishes.Ensure(wish);
        Compute(0);
        Assert.True(_wishes.Wait(wish.Requester, _blocks));
        Assert.True(_blocks.Lose(new BlockPart(0, new AttemptId(1)), null));
        Compute(1);
        Assert.True(_wishes.Wait(wish.Requester, _blocks));
        Compute(0);
        Assert.False(_wishes.Wait(wish.Requester, _blocks));
    }

    [Fact]
    public void The_first_failure_is_told_and_those_of_other_partitions_are_not()
    {
        var (first, other) = (Wish([0, 1]), Wish([2]));
        _wishes.Ensure(first);
        _wishes.Ensure(other);
        _wishes.Fail([1], s_failure);
        _wishes.Fail([0, 1], new StageFailure.NoWorker(9));
        Assert.Same(s_failure, Assert.IsType<WishState.Failed>(_wishes.Tell(first.Requester, _blocks)).Failure);
        Assert.True(_wishes.IsPending(other, _blocks));
        Assert.Single(_moves, "Fail: stage 0: bad");
    }

    [Fact]
    public void Who_asks_is_not_silent()
    {
        var (asking, silent) = (Wish([0]), Wish([0]));
        _wishes.Ensure(asking);
        _wishes.Ensure(silent);
        _time.Advance(s_silence);
        Assert.True(_wishes.Wait(asking.Requester, _blocks));
        _time.Advance(TimeSpan.FromTicks(1));
        _wishes.Silence();
        Assert.Equal([asking], _wishes.Requests);
    }

    [Fact]
    public void A_wish_that_took_anothers_place_does_not_fail_for_it()
    {
        var first = Wish([0]);
        var second = first with { Partitions = PartitionRuns.Of([1]) };
        _wishes.Ensure(first);
        _wishes.Ensure(second);
        _wishes.Fail(first, s_failure);
        Assert.False(_wishes.IsPending(first, _blocks));
        Assert.True(_wishes.IsPending(second, _blocks));
    }

    [Fact]
    public void A_computation_is_wanted_while_anybody_wishes_for_a_part_of_it()
    {
        var (one, other) = (new Computation([0, 1], static () => { }, static _ => { }), new Computation([2], static () => { }, static _ => { }));
        _blocks.Start(one);
        _blocks.Start(other);
        var wish = Wish([1]);
        _wishes.Ensure(wish);
        Assert.True(_wishes.Want(one, _blocks));
        Assert.False(_wishes.Want(other, _blocks));
        Compute(1);
        Assert.False(_wishes.Want(one, _blocks));
        _wishes.Ensure(Wish(null));
        Assert.True(_wishes.Want(one, _blocks));
        Assert.True(_wishes.Want(other, _blocks));
    }

    private static EnsureRequest Wish(int[]? partitions) =>
        new(RequesterId.New(), default, default, new PlanRef(BlobName.Of([]), null, []), 0, partitions is null ? null : PartitionRuns.Of(partitions), default);

    private void Compute(int partition) => _blocks.Put(partition, new WorkerId("a"), new AttemptId(1), 1);
}
