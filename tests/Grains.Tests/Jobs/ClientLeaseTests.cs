using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Jobs;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Jobs;

/// <summary>A job whose client died ran on for ever, and kept all slots.</summary>
public sealed class ClientLeaseTests
{
    private static readonly ContextId s_context = ContextId.New();

    private readonly ManualTime _time = new();
    private readonly LeaseTable _leases;
    private readonly ClientLease _client;

    public ClientLeaseTests()
    {
        _leases = new LeaseTable(_time);
        _client = new ClientLease(_leases, _time);
    }

    [Fact]
    public void A_client_that_is_silent_for_a_minute_has_gone()
    {
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_client.IsOver(s_context));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_client.IsOver(s_context));
    }

    [Fact]
    public void One_that_waits_is_never_silent_for_long()
    {
        Assert.False(_client.IsSilent);
        _time.Advance(ClientLease.Period);
        Assert.True(_client.IsSilent);
        _client.Asked();
        Assert.False(_client.IsSilent);
    }

    [Fact]
    public void One_that_asks_is_there()
    {
        _time.Advance(TimeSpan.FromSeconds(50));
        _client.Asked();
        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.False(_client.IsOver(s_context));
    }

    /// <summary>It may be busy with results that it has.</summary>
    [Fact]
    public void One_that_renews_its_lease_is_there()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        _leases.Renew(s_context);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_client.IsOver(s_context));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_client.IsOver(s_context));
    }

    /// <summary>Its tasks renew its holds on what they make, long after it has gone.</summary>
    [Fact]
    public void What_its_tasks_do_is_no_sign_of_it()
    {
        _leases.Renew(s_context);
        _time.Advance(TimeSpan.FromMinutes(2));
        _leases.Hold(new StageSpec(
            JobId.New(), s_context, new PlanRef(default, [], []), 0, new LineageId(1, 2), 0, Plans.OutputKind.Shuffle, null, 0, 1, false,
            new TaskPolicy(1, false)));
        Assert.True(_leases.IsHeld(new LineageId(1, 2)));
        Assert.True(_client.IsOver(s_context));
    }
}
