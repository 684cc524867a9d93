using MicroSpark.Model;
using MicroSpark.Storage;

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
        Assert.True(owners.Add("ann"));
        Assert.True(owners.Leave("ann"));
        Assert.False(owners.Add("bob"));
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
}
