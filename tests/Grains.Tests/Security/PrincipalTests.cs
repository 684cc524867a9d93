using MicroSpark.Grains.Security;
using Orleans.Runtime;

namespace MicroSpark.Tests.Security;

/// <summary>Who somebody is travels between silos, and ends with the call that he made.</summary>
public sealed class PrincipalTests
{
    private static readonly Principal s_ann = new("ann b", Rights.Read | Rights.Submit);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("31")]
    [InlineData("-1 ann")]
    [InlineData("999 ann")]
    [InlineData("all ann")]
    public void What_is_no_mark_gives_no_rights(string? stamp) => Assert.Equal(Rights.None, Principal.OfStamp(stamp).Rights);

    [Fact]
    public void A_mark_says_who_and_what_he_may()
    {
        Assert.Equal(s_ann, Principal.OfStamp(s_ann.ToStamp()));
        Assert.True(s_ann.May(Rights.Read));
        Assert.False(s_ann.May(Rights.Read | Rights.Join));
    }

    [Fact]
    public void A_job_is_its_owners_and_those_of_the_clusters_secret_are_nobodys_with_a_name()
    {
        Assert.True(s_ann.Owns("ann b"));
        Assert.False(s_ann.Owns("bob"));
        Assert.False(s_ann.Owns(null));
        Assert.True(new Principal("ada", Rights.Administer).Owns(null));
        Assert.True(Principal.Cluster.Owns("ann b"));
        Assert.Null(Principal.Cluster.OwnerName);
    }

    [Fact]
    public void A_certificate_takes_rights_and_gives_none()
    {
        var limited = s_ann.LimitedTo(new Principal("host7", Rights.Submit | Rights.Administer));

        Assert.Equal(new Principal("host7", Rights.Submit), limited);
        Assert.Same(s_ann, s_ann.LimitedTo(null));
    }

    /// <summary>Else a job would have the rights of whoever asked about it, and its owner's calls none.</summary>
    [Fact]
    public async Task The_mark_is_of_the_call_that_it_came_with_and_of_none_that_this_one_makes()
    {
        RequestContext.Set(Principal.ContextKey, s_ann.ToStamp());
        await AnswerAsync();
        Assert.Equal(Principal.Cluster, Principal.Present);
        RequestContext.Remove(Principal.ContextKey);

        static async Task AnswerAsync()
        {
            Assert.Equal(s_ann, Principal.Enter());
            await Task.Yield();
            Assert.Equal(s_ann, Principal.Present);
            Assert.Null(RequestContext.Get(Principal.ContextKey));
            Assert.Equal(Principal.Cluster, Principal.Enter());
            Assert.Equal(Principal.Cluster, Principal.Present);
        }
    }
}
