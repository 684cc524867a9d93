using System.Text;
using MicroSpark.Plans;
using MicroSpark.Sources;
using MicroSpark.Tests.Engine;

namespace MicroSpark.Tests.Plans;

/// <summary>Under which ids outputs are kept, by whose they are.</summary>
public sealed class KeptForTests
{
    private static readonly LineageId s_recipe = new(1, 2);

    [Fact]
    public void Each_owner_has_an_id_of_his_own_and_the_clusters_is_the_recipes()
    {
        Assert.Equal(s_recipe, s_recipe.KeptFor(null));
        string?[] owners = [null, "", "ann", "bob", "ann ", "Ann", "ä"];
        Assert.Equal(owners.Length, owners.Select(static owner => s_recipe.KeptFor(owner)).Distinct().Count());
        Assert.Equal(s_recipe.KeptFor("ann"), s_recipe.KeptFor("ann"));
    }

    /// <summary>Whoever could say for which recipe of his own another's output would be kept could read it.</summary>
    [Fact]
    public void No_recipe_that_is_made_of_anothers_id_is_kept_there()
    {
        var others = s_recipe.KeptFor("ann");
        Assert.NotEqual(others, others.KeptFor("bob"));
        Assert.NotEqual(others, s_recipe.KeptFor("bob").KeptFor("ann"));

        // A name that ends with what another's id begins with.
        var bytes = new byte[32];
        s_recipe.CopyTo(bytes);
        Assert.NotEqual(others, s_recipe.KeptFor("ann" + Encoding.Latin1.GetString(bytes, 0, 1)));
    }

    [Fact]
    public void A_plan_names_its_owners_outputs_and_what_its_client_calls_them()
    {
        using var runner = new LocalRunner(1, fused: true, simulated: false);
        var plan = PlanEncoder.Encode(
            Source.Range(runner, 0, 9, 1, 2).Map(static n => (n % 3, n)).GroupByKey().Map(static group => group.Key).Node).Bytes;
        var own = EncodedPlan.ReadSkeleton(plan);
        var anns = EncodedPlan.ReadSkeleton(plan, "ann");
        Assert.All(own.Nodes, static node => Assert.Null(node.Recipe));
        Assert.Equal(own.Nodes.Select(static node => (LineageId?)node.Lineage), anns.Nodes.Select(static node => node.Recipe));
        Assert.Equal(own.Nodes.Select(static node => node.Lineage.KeptFor("ann")), anns.Nodes.Select(static node => node.Lineage));
        Assert.Equal(own.Nodes.Select(static node => node.Parents), anns.Nodes.Select(static node => node.Parents));
        Assert.Equal(1, anns.IndexOf(own.Nodes[1].Lineage.KeptFor("ann")));
    }
}
