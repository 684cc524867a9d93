using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Workers;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Workers;

public sealed class LeaseTableTests
{
    private static readonly ContextId s_first = ContextId.New();
    private static readonly ContextId s_second = ContextId.New();
    private static readonly LineageId s_recipe = new(1, 2);

    private readonly ManualTime _time = new();
    private readonly LeaseTable _leases;

    public LeaseTableTests() => _leases = new LeaseTable(_time);

    [Fact]
    public void A_recipe_is_held_until_the_last_who_holds_it_releases_it_or_is_silent()
    {
        _leases.Hold(Stage(s_first));
        _leases.Hold(s_recipe, s_second);
        Assert.True(_leases.Release(s_recipe, s_first));
        Assert.True(_leases.IsHeld(s_recipe));
        Pass(TimeSpan.FromSeconds(59));
        Assert.True(_leases.IsHeld(s_recipe));
        Pass(TimeSpan.FromSeconds(1));
        Assert.False(_leases.IsHeld(s_recipe));
    }

    [Fact]
    public void Nobody_elses_word_makes_a_context_live_that_has_gone()
    {
        _leases.Hold(Stage(s_second));
        Pass(TimeSpan.FromSeconds(61));
        _leases.Hold(Stage(s_first));
        _leases.Hold(s_recipe, s_second);
        Assert.False(_leases.Release(s_recipe, s_first));
    }

    [Fact]
    public void What_nobody_holds_is_forgotten_once_no_block_of_it_is_here()
    {
        var blocks = true;
        _leases.HasBlocks = _ => blocks;
        _leases.Hold(Stage(s_first));
        Assert.False(_leases.Release(s_recipe, s_first));
        Pass(TimeSpan.FromMinutes(2));
        _leases.Renew(s_second);
        Assert.NotNull(_leases.StageOf(s_recipe));
        blocks = false;
        _leases.Renew(s_second);
        Assert.Equal(1, _leases.Count);
        Pass(TimeSpan.FromMinutes(2));
        _leases.Renew(s_second);
        Assert.Equal(0, _leases.Count);
    }

    [Fact]
    public void What_somebody_holds_is_remembered_without_blocks()
    {
        _leases.HasBlocks = static _ => false;
        _leases.Hold(Stage(s_first));
        for (var minute = 0; minute < 30; minute++)
        {
            Pass(TimeSpan.FromSeconds(30));
            _leases.Renew(s_first);
        }

        Assert.Equal(1, _leases.Count);
    }

    private static StageSpec Stage(ContextId context) => new(
        JobId.New(), context, new PlanRef(BlobName.Of([]), [1], []), 0, s_recipe, 0, OutputKind.Shuffle, "Map", 0, 4, SideEffects: false,
        new TaskPolicy(1, false));

    private void Pass(TimeSpan time) => _time.Advance(time);
}
