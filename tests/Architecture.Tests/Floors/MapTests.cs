namespace MicroSpark.Tests.Floors;

/// <summary>docs/map.md shows the rooms as they are.</summary>
public sealed class MapTests
{
    private static readonly SourceReading Source = SourceReading.Repository;
    private static readonly FloorMap Map = FloorMap.Parse(SourceTree.Read(FloorMap.Document));

    [Fact]
    public void The_map_lists_each_room_once_and_says_what_it_stands_on()
    {
        var expected = Map.Mended(Source);
        if (Environment.GetEnvironmentVariable("UPDATE_MAP") == "1")
        {
            File.WriteAllText(SourceTree.Absolute(FloorMap.Document), expected.ToString());
        }

        var now = FloorMap.Parse(SourceTree.Read(FloorMap.Document));
        var gone = now.Rows.Except(expected.Rows).Select(row => $"- {row.Room.Project} {row}");
        var added = expected.Rows.Except(now.Rows).Select(row => $"+ {row.Room.Project} {row}");
        Assert.True(
            now.Rows.SequenceEqual(expected.Rows),
            $"""
            {FloorMap.Document} does not show the rooms of src as they are. Copy the lines with a plus, or let them be written with
                UPDATE_MAP=1 dotnet test tests/Architecture.Tests -c Release --filter MapTests
            and then give new rooms, which come last, their place, purpose and first file.
            {string.Join(Environment.NewLine, gone.Concat(added))}
            """);
    }

    [Fact]
    public void Each_room_has_a_purpose()
    {
        string[] without = [.. Map.Rows.Where(row => row.Purpose.Length == 0).Select(row => row.Room.Path)];

        Assert.True(without.Length == 0, $"{FloorMap.Document} does not say what these rooms are for: {string.Join(", ", without)}");
    }

    [Fact]
    public void The_file_to_read_first_is_there()
    {
        var wrong = Map.Rows.Where(row => !Source.Files.Contains(FloorMap.ReadFirst(row)) || Room.Of(FloorMap.ReadFirst(row)) != row.Room)
            .Select(row => $"{row.Room.Path}: '{row.ReadFirst}'").ToArray();

        Assert.True(
            wrong.Length == 0,
            $"""
            {FloorMap.Document} names under 'read first' a file of the room, as its path below the room (`Name.cs`). These are none:
            {string.Join(Environment.NewLine, wrong)}
            """);
    }

    [Fact]
    public void A_map_is_read_and_written_alike_and_mended_from_the_source()
    {
        const string start = "# Map\n\n## src/Core\n\n| folder | purpose | read first | stands on |\n| --- | --- | --- | --- |\n";
        var map = FloorMap.Parse(start + "| Low | a | `A.cs` | Gone |\n| Gone | b | `B.cs` | nothing |\n");
        string[] files = ["src/Core/Low/A.cs", "src/Core/High/B.cs"];
        var mended = map.Mended(new SourceReading(files, [new Arrow(files[1], files[0], ["A"])], [], []));

        Assert.Equal(start + "| Low | a | `A.cs` | nothing |\n| High |  |  | Low |\n", mended.ToString());
        Assert.Equal(mended.Rows, FloorMap.Parse(mended.ToString()).Rows);
    }
}
