namespace MicroSpark.Tests.Model;

public sealed class StorageLevelTests
{
    [Fact]
    public void Names_and_codes_read_back_to_the_same_level()
    {
        Assert.Equal(11, StorageLevel.All.Count);
        Assert.Equal(StorageLevel.All.Count, StorageLevel.All.Select(l => l.Code).Distinct().Count());
        Assert.All(StorageLevel.All, level =>
        {
            Assert.Same(level, StorageLevel.Parse(level.ToString()));
            Assert.Same(level, StorageLevel.FromCode(level.Code));
        });
        Assert.Same(StorageLevel.MemoryOnly2, StorageLevel.Parse("memoryonly2"));
    }

    [Fact]
    public void Unknown_names_and_codes_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => StorageLevel.Parse("MemoryOnly3"));
        Assert.Contains("MemoryOnly3", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(StorageLevel.DiskOnly2), error.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => StorageLevel.FromCode(255));
    }

    [Fact]
    public void Flags_are_what_the_names_say()
    {
        Assert.All(StorageLevel.All.Where(l => l != StorageLevel.None), level =>
        {
            var name = level.ToString();
            Assert.Equal(name.Contains("Disk", StringComparison.Ordinal), level.UseDisk);
            Assert.Equal(name.Contains("Memory", StringComparison.Ordinal), level.UseMemory);
            Assert.Equal(level.UseMemory && !name.Contains("Serialized", StringComparison.Ordinal), level.Deserialized);
            Assert.Equal(name.EndsWith('2') ? 2 : 1, level.Replication);
        });
        Assert.Equal((false, false), (StorageLevel.None.UseDisk, StorageLevel.None.UseMemory));
    }

    [Fact]
    public void The_disk_sibling_differs_in_the_disk_only()
    {
        Assert.Same(StorageLevel.DiskOnly, StorageLevel.None.DiskSibling);
        Assert.Same(StorageLevel.MemoryAndDisk, StorageLevel.MemoryOnly.DiskSibling);
        Assert.Same(StorageLevel.MemoryAndDiskSerialized2, StorageLevel.MemoryOnlySerialized2.DiskSibling);
        Assert.Same(StorageLevel.MemoryAndDisk2, StorageLevel.MemoryAndDisk2.DiskSibling);
        Assert.Same(StorageLevel.DiskOnly2, StorageLevel.DiskOnly2.DiskSibling);
    }
}
