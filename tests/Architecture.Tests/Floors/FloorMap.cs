namespace MicroSpark.Tests.Floors;

/// <summary>
/// docs/map.md: for each project a heading and a table of its rooms, the lowest first. It is the one place that says in which order the
/// rooms stand, and it is written for people: what can be computed in it is checked, so that it stays true.
/// </summary>
internal sealed record FloorMap(string Introduction, IReadOnlyList<FloorMap.Row> Rows)
{
    public const string Document = "docs/map.md";

    private const string Heading = "## src/";
    private const string TableStart = "| folder | purpose | read first | stands on |\n| --- | --- | --- | --- |\n";
    private const string Nothing = "nothing";

    public sealed record Row(Room Room, string Purpose, string ReadFirst, string StandsOn)
    {
        public override string ToString() => $"| {Room.Folder} | {Purpose} | {ReadFirst} | {StandsOn} |";
    }

    public static FloorMap Parse(string text)
    {
        var introduction = text.ReplaceLineEndings("\n").Split("\n" + Heading)[0].TrimEnd() + "\n";
        var rows = new List<Row>();
        var project = "";
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            project = line.StartsWith(Heading, StringComparison.Ordinal) ? line[Heading.Length..].Trim() : project;
            string[] cells = [.. line.Split('|').Select(cell => cell.Trim())];
            if (cells.Length == 6 && cells[1] != "folder" && !cells[1].StartsWith("---", StringComparison.Ordinal))
            {
                rows.Add(new Row(new Room(project, cells[1]), cells[2], cells[3], cells[4]));
            }
        }

        return new FloorMap(introduction, rows);
    }

    /// <summary>The file that a room's reader should open first, as a path; empty when the map names none.</summary>
    public static string ReadFirst(Row row) => row.ReadFirst.Length == 0 ? "" : $"{row.Room.Path}/{row.ReadFirst.Trim('`')}";

    /// <summary>
    /// This map as the source has it: order and purposes stay, rooms that are gone go, and new ones come last in their project, where somebody
    /// has to give them their place and purpose.
    /// </summary>
    public FloorMap Mended(SourceReading reading)
    {
        Room[] rooms = [.. reading.Files.Select(Room.Of).Distinct()];
        Row[] kept = [.. Rows.Where(row => rooms.Contains(row.Room)).DistinctBy(row => row.Room)];
        var added = rooms.Except(kept.Select(row => row.Room)).Select(room => new Row(room, "", "", ""));
        Row[] all = [.. kept.Concat(added).GroupBy(row => row.Room.Project).SelectMany(project => project)];
        return this with { Rows = [.. all.Select(row => row with { StandsOn = StandsOn(row.Room, all, reading) })] };
    }

    public override string ToString()
    {
        var tables =
            from row in Rows
            group $"{row}\n" by row.Room.Project into project
            select $"\n{Heading}{project.Key}\n\n{TableStart}{string.Concat(project)}";
        return Introduction + string.Concat(tables);
    }

    /// <summary>Where a room stands in its project, from below; -1 for a room that is not on the map.</summary>
    public int HeightOf(Room room) => Rows.Select(row => row.Room).ToList().IndexOf(room);

    private static string StandsOn(Room room, Row[] order, SourceReading reading)
    {
        var named = reading.Arrows.Where(arrow => Room.Of(arrow.From) == room).Select(arrow => Room.Of(arrow.To)).ToHashSet();
        var below =
            from row in order
            where row.Room != room && row.Room.Project == room.Project && named.Contains(row.Room)
            select row.Room.Folder;
        return string.Join(", ", below.DefaultIfEmpty(Nothing));
    }
}
