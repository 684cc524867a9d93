namespace MicroSpark.Tests.Floors;

/// <summary>A folder is a list that a reader goes through from top to bottom.</summary>
public sealed class RoomSizeTests
{
    private const int Limit = 45;

    [Fact]
    public void A_folder_has_few_enough_files_to_look_through()
    {
        var full = SourceReading.Repository.Files.GroupBy(file => Path.GetDirectoryName(file)!).Where(folder => folder.Count() > Limit)
            .Select(folder => $"{folder.Key}: {folder.Count()} files").ToArray();

        Assert.True(full.Length == 0, $"Part a folder of more than {Limit} files by what they are about:\n{string.Join('\n', full)}");
    }
}
