using MicroSpark.Code;
using MicroSpark.Memory;
using MicroSpark.Model;
using MicroSpark.Storage;

namespace MicroSpark.Tests.Storage;

public sealed class EvictionOrderTests
{
    private readonly EvictionOrder _order = new();

    [Fact]
    public void The_least_recently_used_comes_first_also_when_it_was_used_after_it_came()
    {
        var recipes = Enumerable.Range(0, 10).Select(Recipe).ToArray();
        Array.ForEach(recipes, _order.Add);
        recipes[0].LastUse = 20;
        recipes[3].LastUse = 15;
        Assert.Equal([1, 2, 4, 5, 6, 7, 8, 9, 3, 0], Take().Select(r => Array.IndexOf(recipes, r)));
    }

    [Fact]
    public void What_is_known_comes_once_and_what_was_taken_may_come_again()
    {
        var recipe = Recipe(1);
        _order.Add(recipe);
        _order.Add(recipe);
        Assert.Single(Take());
        _order.AddLast(recipe, 5);
        _order.Add(Recipe(4));
        Assert.Equal([4, 1], Take().Select(static r => r.LastUse));
    }

    [Fact]
    public void Removed_recipes_do_not_stay()
    {
        var kept = Recipe(0);
        _order.Add(kept);
        for (var i = 1; i <= 10_000; i++)
        {
            var recipe = Recipe(i);
            _order.Add(recipe);
            recipe.Close();
        }

        Assert.InRange(_order.Count, 1, 600);
        Assert.Same(kept, Assert.Single(Take()));
    }

    private static RecipeBlocks Recipe(int number)
    {
        var recipe = new RecipeBlocks(new LineageId(0, (UInt128)number), BlockKeeping.MayGoToDisk) { LastUse = number };
        Assert.True(recipe.TryPut((0, new AttemptId(1)), new OneBlock(), BlockKeeping.MayGoToDisk, out _));
        return recipe;
    }

    private List<RecipeBlocks> Take()
    {
        var taken = new List<RecipeBlocks>();
        while (_order.TryTake(out var recipe))
        {
            taken.Add(recipe);
        }

        return taken;
    }

    private sealed class OneBlock : Block
    {
        public override int Buckets => 1;

        public override long Count => 1;

        public override long Bytes => 1;

        public override ulong Fingerprint => 0;

        public override IEnumerable<Frame> Frames(int bucket, CodeSpace space) => throw new NotSupportedException();
    }
}
