using MicroSpark.Model;
using MicroSpark.Options;
using MicroSpark.Storage;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Storage;

/// <summary>Whose blobs are: one content is there once, and everybody who has brought it has it.</summary>
public sealed class BlobStoreTests
{
    private static readonly byte[] s_content = [1, 2, 3];
    private static readonly BlobName s_name = BlobName.Of(s_content);

    private readonly BlobStore _blobs = new();

    [Fact]
    public void Only_who_has_brought_a_blob_has_it()
    {
        Assert.False(_blobs.WasBroughtBy(s_name, "ann"));
        _blobs.Bring(s_name, s_content, "ann");
        Assert.True(_blobs.WasBroughtBy(s_name, "ann"));
        Assert.False(_blobs.WasBroughtBy(s_name, "bob"));
        Assert.False(_blobs.WasBroughtBy(s_name, null));
        _blobs.Bring(s_name, [.. s_content], "bob");
        Assert.True(_blobs.WasBroughtBy(s_name, "bob"));
    }

    [Fact]
    public void What_one_drops_stays_for_others_who_have_brought_it()
    {
        _blobs.Bring(s_name, s_content, "ann");
        _blobs.Bring(s_name, s_content, null);
        _blobs.Drop(s_name, "bob");
        _blobs.Drop(s_name, "ann");
        Assert.False(_blobs.WasBroughtBy(s_name, "ann"));
        Assert.True(_blobs.Has(s_name));
        _blobs.Drop(s_name, null);
        Assert.False(_blobs.Has(s_name));
    }

    /// <summary>A copy that tasks have pulled can be pulled again.</summary>
    [Fact]
    public void What_nobody_has_brought_goes_when_anybody_drops_it()
    {
        _blobs.Put(s_name, s_content);
        _blobs.Drop(s_name, "ann");
        Assert.False(_blobs.Has(s_name));
    }

    /// <summary>Who is told that a blob is there need not bring it: it is his as well from then on.</summary>
    [Fact]
    public void Who_joins_a_blob_that_is_there_keeps_it_when_its_first_owner_drops_it()
    {
        _blobs.Bring(s_name, s_content, "ann");
        Assert.True(_blobs.TryJoin(s_name, null));
        _blobs.Drop(s_name, "ann");
        Assert.True(_blobs.WasBroughtBy(s_name, null));
        _blobs.Drop(s_name, null);
        Assert.False(_blobs.TryJoin(s_name, "ann"));
    }

    /// <summary>The last owner leaves, and before the blob has gone another one comes: he must not be let in to what goes.</summary>
    [Fact]
    public void Nobody_joins_what_its_last_owner_has_left()
    {
        var owners = new BlobOwners();
        Assert.True(owners.Add("ann", out _));
        Assert.True(owners.Leave("ann", out _));
        Assert.False(owners.Add("bob", out _));
        Assert.False(owners.Has("bob"));
    }

    /// <summary>Two owners bring and drop one blob at the same time; whoever has brought it last has it.</summary>
    [Fact]
    public async Task A_blob_that_was_just_brought_is_not_taken_away_with_anothers()
    {
        const int Rounds = 20_000;
        await Task.WhenAll(new[] { "ann", "bob" }.Select(name => Task.Run(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                _blobs.Bring(s_name, s_content, name);
                Assert.True(_blobs.WasBroughtBy(s_name, name));
                _blobs.Drop(s_name, name);
            }
        })));
        Assert.False(_blobs.Has(s_name));
    }

    [Fact]
    public void Beyond_his_quota_what_one_brings_is_refused_and_what_goes_makes_room()
    {
        var time = new ManualTime();
        var blobs = new BlobStore(time)
        {
            Budget = 1,
            Quotas = new UploadQuotas([new OwnerLimits("ann", "s") { Uploads = 100 }, new OwnerLimits("bob", "s")]),
        };
        Assert.True(Bring("ann", 1, 60));
        Assert.True(Bring("ann", 1, 60));
        Assert.False(Bring("ann", 2, 41));
        Assert.Equal(60, blobs.Quotas.BytesOf("ann"));
        Assert.False(blobs.Has(NameOf(2, 41)));
        Assert.True(Bring("bob", 2, 41));
        Assert.True(Bring(null, 3, 1000));
        Assert.True(Bring("ann", 4, 40));

        // What another has brought counts for whoever brings it too.
        Assert.False(Bring("ann", 2, 41));
        blobs.Drop(NameOf(1, 60), "ann");
        blobs.Drop(NameOf(1, 60), "ann");
        Assert.Equal(40, blobs.Quotas.BytesOf("ann"));
        Assert.True(Bring("ann", 2, 41));
        blobs.Drop(NameOf(2, 41), "ann");
        Assert.True(blobs.TryJoin(NameOf(2, 41), "ann"));
        Assert.Equal(81, blobs.Quotas.BytesOf("ann"));
        blobs.Drop(NameOf(2, 41), "ann");
        Assert.True(blobs.Has(NameOf(2, 41)));

        // A plan may ask for its data late; the rest is of no use after ten minutes.
        Assert.True(Bring("ann", 5, 60));
        blobs.Lease([NameOf(5, 60)]);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(Bring("ann", 6, 41));
        Assert.Equal(60, blobs.Quotas.BytesOf("ann"));
        Assert.True(Bring("ann", 6, 40));

        // What goes when all is too much was somebody's as well.
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(Bring(null, 7, 10));
        Assert.Equal(60, blobs.Quotas.BytesOf("ann"));

        bool Bring(string? owner, byte what, int length) => blobs.Bring(NameOf(what, length), Of(what, length), owner);
    }

    /// <summary>A plan's blobs are sent some at a time.</summary>
    [Fact]
    public async Task Who_brings_at_the_same_time_has_no_more_than_his_quota()
    {
        var blobs = new BlobStore { Quotas = new UploadQuotas([new OwnerLimits("ann", "s") { Uploads = 1000 }]) };
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(who => Task.Run(() =>
            Enumerable.Range(0, 30).Count(i => blobs.Bring(NameOf((byte)((who * 30) + i), 10), Of((byte)((who * 30) + i), 10), "ann")))));
        Assert.Equal(100, taken.Sum());
        Assert.Equal(1000, blobs.Quotas.BytesOf("ann"));
    }

    private static byte[] Of(byte what, int length) => [.. Enumerable.Repeat(what, length)];

    private static BlobName NameOf(byte what, int length) => BlobName.Of(Of(what, length));
}
