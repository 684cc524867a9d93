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
}
