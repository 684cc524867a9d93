using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Events;
using MicroSpark.Grains.Jobs;
using MicroSpark.Tests.Infrastructure;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Jobs;

/// <summary>Every event in every state: where it leads, or that nothing happens.</summary>
public sealed class JobLifeTests
{
    private const string Nothing = "-";

    private static readonly string[] s_states = ["Unknown", "Unwanted", "Running", "Succeeded", "Failed", "Cancelled", "Expired", "Left"];

    /// <summary>In the order of the states above. The word before a blank is the transition; what follows tells its variants apart.</summary>
    private static readonly Dictionary<string, string[]> s_table = new()
    {
        ["Submit"] = ["Running", "-", "-", "-", "-", "-", "-", "-"],
        ["TakeOver running"] = ["Running", "Running", "-", "-", "-", "-", "-", "-"],
        ["TakeOver succeeded"] = ["Succeeded", "Succeeded", "-", "-", "-", "-", "-", "-"],
        ["TakeOver failed"] = ["Failed", "Failed", "-", "-", "-", "-", "-", "-"],
        ["TakeOver cancelled"] = ["Cancelled", "Cancelled", "-", "-", "-", "-", "-", "-"],
        ["Refuse"] = ["Unwanted", "-", "-", "-", "-", "-", "-", "-"],
        ["Commit"] = ["-", "-", "Running", "-", "-", "-", "-", "-"],
        ["Succeed"] = ["-", "-", "Succeeded", "-", "-", "-", "-", "-"],
        ["Fail"] = ["-", "-", "Failed", "-", "-", "-", "-", "-"],
        ["Cancel"] = ["-", "-", "Cancelled", "-", "-", "-", "-", "-"],
        ["Reopen"] = ["-", "-", "Running", "Running", "-", "-", "-", "-"],
        ["Release"] = ["-", "-", "-", "Succeeded", "Failed", "Cancelled", "-", "-"],
        ["Expire"] = ["-", "-", "-", "Expired", "Expired", "Expired", "-", "-"],
        ["Leave"] = ["Left", "Left", "Left", "Left", "Left", "Left", "Left", "-"],
    };

    private readonly ManualTime _time = new();
    private readonly TransitionCounts _counts = new();
    private readonly ListLogger _log = new();
    private readonly List<string> _moves = [];
    private bool _leaving;

    public static IEnumerable<object[]> All =>
        from row in s_table from cell in s_states.Zip(row.Value) select new object[] { cell.First, row.Key, cell.Second };

    [Theory]
    [MemberData(nameof(All))]
    public void Each_event_leads_where_the_table_says(string state, string transition, string expected)
    {
        var life = In(state);
        var name = transition.Split(' ')[0];
        var before = life.State;
        var (counted, logged, moves) = (_counts.Of("Job", name), _log.Lines.Count, _moves.Count);

        Assert.Equal(expected != Nothing, Take(life, transition));

        Assert.Equal(expected == Nothing ? state : expected, life.State.GetType().Name);
        Assert.Equal(counted + (expected == Nothing ? 0 : 1), _counts.Of("Job", name));
        Assert.Equal(logged + (expected == Nothing ? 0 : 1), _log.Lines.Count);
        Assert.Equal(moves + (life.State == before ? 0 : 1), _moves.Count);
        if (expected != Nothing && name != "Commit")
        {
            Assert.StartsWith($"Job {Some.Job}: {state} -> {expected} by {name}: ", _log.Lines[^1].Message);
        }
    }

    [Fact]
    public void The_table_names_every_state()
    {
        var types = typeof(JobState).GetNestedTypes().Where(t => t.IsSealed).Select(t => t.Name);
        Assert.Equal(s_states.Order(), types.Order());
    }

    /// <summary>What fails while the silo stops is the silo's end and not the job's; what a client asks for is.</summary>
    [Theory]
    [InlineData("Commit", false)]
    [InlineData("Succeed", false)]
    [InlineData("Fail", false)]
    [InlineData("Cancel", true)]
    [InlineData("Reopen", true)]
    [InlineData("Leave", true)]
    public void A_silo_that_stops_commits_nothing(string transition, bool happens)
    {
        var life = In("Running");
        Assert.True(life.Drives);
        _leaving = true;
        Assert.False(life.Drives);
        Assert.Equal(happens, Take(life, transition));
    }

    [Theory]
    [InlineData("Running", "Fail", LogLevel.Warning)]
    [InlineData("Unknown", "TakeOver running", LogLevel.Information)]
    [InlineData("Unknown", "TakeOver failed", LogLevel.Debug)]
    [InlineData("Succeeded", "Reopen", LogLevel.Information)]
    [InlineData("Running", "Leave", LogLevel.Information)]
    [InlineData("Succeeded", "Leave", LogLevel.Debug)]
    [InlineData("Running", "Succeed", LogLevel.Debug)]
    [InlineData("Running", "Commit", LogLevel.Trace)]
    public void Losses_and_failures_are_logged_louder(string state, string transition, LogLevel level)
    {
        Take(In(state), transition);
        Assert.Equal(level, _log.Lines[^1].Level);
    }

    [Fact]
    public void An_end_has_its_time_and_its_error()
    {
        var life = In("Running");
        _time.Advance(TimeSpan.FromMinutes(3));
        life.Fail(Some.Error);
        var failed = Assert.IsType<JobState.Failed>(life.State);
        Assert.Equal(_time.GetUtcNow(), failed.EndedAt);
        Assert.Equal(Some.Error, failed.Error);
        Assert.Equal("It broke.", failed.Summary().Error);
        Assert.EndsWith("It broke.", _log.Lines[^1].Message);
        Assert.Equal(["Unknown Running", "Running Failed"], _moves);
    }

    [Fact]
    public void A_partition_is_committed_once()
    {
        var life = In("Running");
        Assert.True(life.Commit(Some.Result(0)));
        Assert.False(life.Commit(Some.Result(0, attempt: 2)));
        Assert.Equal(1, _counts.Of("Job", "Commit"));
    }

    [Fact]
    public void A_job_that_was_left_still_tells_how_it_stood()
    {
        var life = In("Running");
        var running = life.State.Seen;
        life.Leave("another one owns it");
        Assert.Same(running, life.State.Seen);
        Assert.Null(In("Expired").State.Seen);
        Assert.Null(In("Unwanted").State.Seen);
    }

    [Fact]
    public void A_job_that_is_reopened_goes_on_with_the_results_it_has()
    {
        var life = In("Running");
        life.Commit(Some.Result(0));
        life.Commit(Some.Result(1));
        life.Succeed();
        Assert.True(life.Reopen([Some.Result(0), Some.Result(1, attempt: 9)]));
        var results = Assert.IsType<JobState.Running>(life.State).File.Results;
        Assert.False(results.Has(0));
        Assert.True(results.Has(1));
        Assert.Null(life.State.Seen!.EndedAt);
    }

    [Fact]
    public void Who_is_released_before_it_comes_still_shares_the_search_for_a_record()
    {
        var life = In("Unknown");
        var search = Task.CompletedTask;
        ((JobState.Absent)life.State).Search = search;
        life.Refuse();
        Assert.Same(search, ((JobState.Absent)life.State).Search);
    }

    private static bool Take(JobLife life, string transition) => transition switch
    {
        "Submit" => life.Submit(Some.Submission, 40),
        "TakeOver running" => life.TakeOver(Some.Record(JobPhase.Running), 40),
        "TakeOver succeeded" => life.TakeOver(Some.Record(JobPhase.Succeeded), 40),
        "TakeOver failed" => life.TakeOver(Some.Record(JobPhase.Failed), 40),
        "TakeOver cancelled" => life.TakeOver(Some.Record(JobPhase.Cancelled), 40),
        "Refuse" => life.Refuse(),
        "Commit" => life.Commit(Some.Result(0)),
        "Succeed" => life.Succeed(),
        "Fail" => life.Fail(Some.Error),
        "Cancel" => life.Cancel("asked for"),
        "Reopen" => life.Reopen([]),
        "Release" => life.Release(),
        "Expire" => life.Expire(),
        "Leave" => life.Leave("idle"),
        _ => throw new ArgumentOutOfRangeException(nameof(transition)),
    };

    private JobLife In(string state)
    {
        var life = new JobLife(
            Some.Job, _time, () => _leaving, _counts, _log, (from, to) => _moves.Add($"{from.GetType().Name} {to.GetType().Name}"));
        string[] way = state switch
        {
            "Unknown" => [],
            "Unwanted" => ["Refuse"],
            "Running" => ["Submit"],
            "Succeeded" => ["Submit", "Succeed"],
            "Failed" => ["Submit", "Fail"],
            "Cancelled" => ["Submit", "Cancel"],
            "Expired" => ["Submit", "Cancel", "Expire"],
            _ => ["Submit", "Leave"],
        };
        Assert.All(way, step => Assert.True(Take(life, step)));
        Assert.Equal(state, life.State.GetType().Name);
        return life;
    }
}
