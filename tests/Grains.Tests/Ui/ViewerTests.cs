using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;

namespace MicroSpark.Tests.Ui;

/// <summary>Whose values somebody sees goes by who made his link, and for which role.</summary>
public sealed class ViewerTests
{
    private static readonly Principal s_ann = new("ann", Rights.Read | Rights.Submit | Rights.Upload);

    [Theory]
    [InlineData(Rights.All, true, true, true)]
    [InlineData(Rights.Read | Rights.Submit | Rights.Administer, true, true, true)]
    [InlineData(Rights.Read | Rights.Submit, true, false, false)]
    [InlineData(Rights.Read, false, false, false)]
    public void Values_are_for_the_owner_and_admins(object rights, bool own, bool others, bool clusters)
    {
        var viewer = Viewer.Of(s_ann with { Rights = (Rights)rights }, control: true);
        Assert.Equal((own, others, clusters), (viewer.Owns("ann"), viewer.Owns("bob"), viewer.Owns(null)));
        Assert.Equal(own, viewer.MayChange);
        Assert.False((viewer with { Control = false }).MayChange);
    }

    [Fact]
    public void A_link_for_less_shows_less()
    {
        var reader = Viewer.Of(s_ann, control: true).LimitedTo(Rights.Read);
        Assert.Equal((false, false, "read", "ann"), (reader.Owns("ann"), reader.MayChange, reader.Role, reader.Name));

        // Jobs of the cluster's own secret have no name.
        var submitter = Viewer.Of(Principal.Cluster, control: true).LimitedTo(Rights.Read | Rights.Submit);
        Assert.Equal((true, false, false), (submitter.Owns(null), submitter.Owns("ann"), submitter.Owns("cluster")));
    }

    [Fact]
    public void Only_those_who_see_the_same_are_shown_the_same_bytes()
    {
        Viewer[] viewers =
        [
            Viewer.Of(s_ann, true), Viewer.Of(s_ann with { Name = "bob" }, true), Viewer.Of(s_ann, true).LimitedTo(Rights.Read),
            Viewer.Of(Principal.Cluster, true), Viewer.Of(Principal.Cluster, true).LimitedTo(Rights.Read | Rights.Submit),
        ];
        Assert.Equal(viewers.Length, viewers.Select(static viewer => viewer.Sight).Distinct().Count());
        Assert.Equal(viewers[0].Sight, Viewer.Of(s_ann, false).Sight);
        var made = 0;
        var sights = new Sights(_ => [(byte)++made]);
        Assert.Same(sights.Of(viewers[0]), sights.Of(Viewer.Of(s_ann, false)));
        Assert.NotSame(sights.Of(viewers[0]), sights.Of(viewers[1]));
    }

    [Fact]
    public void A_workers_terminal_shows_all_only_where_everybody_has_all_roles()
    {
        var options = new MicroSparkOptions();
        Assert.Equal(("admin", false), (Viewer.AtTerminal(options).Role, Viewer.AtTerminal(options).MayChange));
        options.Secrets.Add(new SecretOptions());
        Assert.Equal("read", Viewer.AtTerminal(options).Role);
        options.Secrets.Clear();
        options.Tls.RequireClientCertificate = true;
        Assert.Equal("read", Viewer.AtTerminal(options).Role);
    }
}
