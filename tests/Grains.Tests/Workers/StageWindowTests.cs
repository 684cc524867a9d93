using MicroSpark.Grains.Stages;
using MicroSpark.Grains.Workers;

namespace MicroSpark.Tests.Workers;

/// <summary>What a silo asks the owners of a stage for.</summary>
public sealed class StageWindowTests
{
    private const int First = 4;

    private readonly StageWindow _window = new(slots: 1, First, frequency: 1000);
    private int _woken;

    [Fact]
    public void Owners_are_asked_in_turn_and_together_for_one_window()
    {
        var parts = Parts(16);
        Assert.Equal(First, parts.Sum(static part => part.Granted));
        while (parts.Sum(static part => part.Pending) > 0)
        {
            var asked = parts.Single(static part => part.Granted > 0);
            var sent = asked.Granted;
            _window.Arrived(asked, sent, asked.Pending - sent);
            for (var i = 0; i < sent; i++)
            {
                _window.Began();
                _window.Ended(100);
            }
        }

        Assert.Equal(0, parts.Sum(static part => part.Granted));
    }

    /// <summary>It polled before it heard that it is asked.</summary>
    [Fact]
    public void An_owner_that_sends_nothing_yet_is_still_asked()
    {
        var parts = Parts(2);
        _window.Arrived(parts[0], 0, 64);
        Assert.Equal((First, 0), (parts[0].Granted, parts[1].Granted));
        Assert.Equal(1, _woken);
    }

    [Fact]
    public void An_owner_that_has_nothing_left_makes_room_for_the_next()
    {
        var parts = Parts(2);
        _window.Arrived(parts[0], 0, 0);
        Assert.Equal((0, First), (parts[0].Granted, parts[1].Granted));
        _window.Offered(parts[1], 0);
        _window.Offered(parts[0], 3);
        Assert.Equal((3, 0), (parts[0].Granted, parts[1].Granted));
    }

    /// <summary>Its poll was under way when its silo was lost. Nobody would ever send what it was asked for.</summary>
    [Fact]
    public void An_owner_that_is_closed_is_asked_for_nothing_more()
    {
        var parts = Parts(2);
        _window.Close(parts[0]);
        _window.Arrived(parts[0], 0, 64);
        _window.Offered(parts[0], 64);
        _window.Arrived(parts[1], First, 0);
        for (var i = 0; i < First; i++)
        {
            _window.Began();
        }

        Assert.Equal(0, parts[0].Granted);
        _window.Offered(parts[1], 64);
        Assert.Equal(First, parts[1].Granted);
    }

    /// <summary>A poll that came back at once would be sent again at once.</summary>
    [Fact]
    public async Task An_owner_with_tasks_that_nobody_wants_yet_waits_for_its_answer()
    {
        var pending = 5;
        var log = new ReportLog(0, TimeProvider.System) { Urgent = () => false, MayGrow = () => pending > 0 };
        var poll = log.ReadAsync(0, TimeSpan.FromMinutes(1));
        Assert.False(poll.IsCompleted);
        pending = 0;
        log.Wake();
        Assert.Empty((await poll).Reports);
    }

    private StageWindow.Part[] Parts(int count)
    {
        var parts = Enumerable.Range(0, count).Select(_ => new StageWindow.Part(() => _woken++)).ToArray();
        foreach (var part in parts)
        {
            _window.Arrived(part, 0, 64);
        }

        return parts;
    }
}
