namespace MicroSpark.Tests.Floors;

/// <summary>
/// Each project is a house of rooms that stand on each other: whoever reads from below never meets a name that has not been explained.
/// </summary>
public sealed class FloorTests
{
    private const string Allowances = "tests/Architecture.Tests/Floors/allowed-arrows.txt";
    private const int LargestCircleOfFiles = 3;

    private static readonly SourceReading Source = SourceReading.Repository;

    [Fact]
    public void Every_name_in_src_resolves() =>
        Assert.True(
            Source.Errors.Count == 0,
            $"The floors cannot be read: the compiler does not know these names.\n{string.Join('\n', Source.Errors)}");

    [Fact]
    public void A_room_names_only_the_rooms_below_it()
    {
        var allowed = Allowed();
        var wrong = BackArrows().Where(arrow => !allowed.Contains(arrow.Ends)).ToArray();

        Assert.True(
            wrong.Length == 0,
            $"""
            A room may name only those that stand before it in {FloorMap.Document}. Move the file or what it names into the room where it belongs,
            or let the lower room declare what it needs and the higher one hand it in. Arrows that run back: {wrong.Length}.
            {string.Join(Environment.NewLine, wrong.Select(arrow => arrow.ToString()))}
            """);
    }

    [Fact]
    public void An_allowed_arrow_is_still_there() =>
        Assert.Empty(Allowed().Except(BackArrows().Select(arrow => arrow.Ends)));

    [Fact]
    public void A_type_lies_in_one_room()
    {
        var wrong =
            from type in Source.Types
            where !type.IsSpread && type.Files.Select(Room.Of).Distinct().Count() > 1
            select $"{type.Name}: {string.Join(", ", type.Files)}";
        var found = wrong.ToArray();

        Assert.True(
            found.Length == 0,
            $"""
            The files of a type count as one, so whoever reads a room would meet a piece of another. Make a type of each room's part:
            {string.Join(Environment.NewLine, found)}
            """);
    }

    [Fact]
    public void No_rooms_stand_on_each_other()
    {
        var inside = Inside().Select(arrow => (From: Room.Of(arrow.From), To: Room.Of(arrow.To))).Where(pair => pair.From != pair.To);
        var circles = Circles<Room>.In(inside).Select(circle => string.Join(", ", circle.Select(room => room.Path).Order(StringComparer.Ordinal)));
        var found = string.Join(Environment.NewLine, circles);

        Assert.True(
            found.Length == 0,
            $"""
            These rooms can only be read all at once: whatever their order, one of their arrows runs back.
            {found}
            """);
    }

    [Fact]
    public void Few_files_stand_on_each_other()
    {
        var circles = Circles<string>.In(Inside().Select(arrow => (arrow.From, arrow.To)));
        string[] texts =
            [.. circles.Where(circle => circle.Count > LargestCircleOfFiles).OrderByDescending(circle => circle.Count).Select(Describe)];

        Assert.True(
            texts.Length == 0,
            $"""
            More than {LargestCircleOfFiles} files that name each other in a circle can only be understood all at once. Cut an arrow: hand in what
            a file needs, or move what two of them share into a third.
            {string.Join(Environment.NewLine, texts)}
            """);
    }

    private static IEnumerable<Arrow> Inside() => Source.Arrows.Where(arrow => Room.Of(arrow.From).Project == Room.Of(arrow.To).Project);

    /// <summary>Rooms that are not on the map have no height: another test asks for them.</summary>
    private static IEnumerable<Arrow> BackArrows()
    {
        var map = FloorMap.Parse(SourceTree.Read(FloorMap.Document));
        var heights = map.Rows.DistinctBy(row => row.Room).ToDictionary(row => row.Room, row => map.HeightOf(row.Room));
        return Inside().Where(arrow =>
            heights.TryGetValue(Room.Of(arrow.From), out var from) && heights.TryGetValue(Room.Of(arrow.To), out var to) && to > from);
    }

    private static HashSet<string> Allowed()
    {
        var lines = File.ReadLines(SourceTree.Absolute(Allowances)).Where(line => line.Length > 0 && line[0] != '#');
        return [.. lines.Select(line => line.Split(" : ")[0])];
    }

    private static string Describe(IReadOnlyList<string> circle)
    {
        var inside = Source.Arrows.Where(arrow => circle.Contains(arrow.From) && circle.Contains(arrow.To));
        return $"{circle.Count} files: {string.Join(", ", circle.Order(StringComparer.Ordinal))}\n    {string.Join("\n    ", inside)}";
    }
}
