using System.Reflection;
using System.Xml.Linq;

namespace MicroSpark.Tests;

/// <summary>The top folders are the architecture: a lower room never names a higher one.</summary>
public sealed class RoomTests
{
    /// <summary>Lowest first. A project may reference those before it.</summary>
    internal static readonly string[] Rooms = ["Analyzers", "Core", "Grains", "Driver", "Hosting", "Testing", "AspireHosting", "Silo", "Samples", "Client"];

    [Fact]
    public void A_room_references_only_lower_rooms()
    {
        var wrong = new List<string>();
        foreach (var project in SourceTree.Files(".csproj", "src", "samples"))
        {
            var height = HeightOf(project);
            Assert.True(height >= 0, $"{project} is no known room: give it its place in {nameof(RoomTests)}.{nameof(Rooms)}.");
            wrong.AddRange(
                from reference in References(project)
                let other = HeightOf(reference)
                where other < 0 || other >= height
                select $"{project} -> {reference}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_room_that_ships_is_there()
    {
        var names = SourceTree.Files(".csproj", "src").Select(path => Path.GetFileNameWithoutExtension(path)).ToArray();

        Assert.Equal(Rooms.Where(room => room != "Samples").Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Core_knows_no_cluster()
    {
        var packages = Elements("src/Core/Core.csproj", "PackageReference").Concat(Elements("src/Core/Core.csproj", "FrameworkReference"));
        var assemblies = Assembly.Load("MicroSpark.Core").GetReferencedAssemblies().Select(name => name.Name!);

        Assert.DoesNotContain(packages.Concat(assemblies), IsClusterLibrary);
        Assert.DoesNotContain(SourceTree.Files(".cs", "src/Core"), path => SourceTree.Read(path).Contains("using Orleans", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_is_in_the_solution_and_takes_its_versions_from_one_file()
    {
        var solution = SourceTree.Read("MicroSpark.sln").Replace('\\', '/');

        // A template's project is somebody else's once it is used.
        string[] projects = [.. SourceTree.Files(".csproj").Where(path => !path.StartsWith("templates/content/", StringComparison.Ordinal))];
        var versioned =
            from project in projects
            from package in XDocument.Load(SourceTree.Absolute(project)).Descendants("PackageReference")
            where package.Attribute("Version") is not null
            select $"{project}: {package.Attribute("Include")?.Value}";

        Assert.All(projects, project => Assert.Contains(project, solution, StringComparison.Ordinal));
        Assert.Empty(versioned);
    }

    private static bool IsClusterLibrary(string name) =>
        name.Contains("Orleans", StringComparison.Ordinal) || name.Contains("AspNetCore", StringComparison.Ordinal) ||
        name.Contains("Npgsql", StringComparison.Ordinal) || name.Contains("Sqlite", StringComparison.Ordinal);

    /// <summary>The height of a file's project, -1 for one that is no room.</summary>
    internal static int HeightOf(string file) =>
        Array.IndexOf(Rooms, file.StartsWith("samples/", StringComparison.Ordinal) ? "Samples" : file.Split('/')[1]);

    private static IEnumerable<string> References(string project) =>
        from include in Elements(project, "ProjectReference")
        let path = Path.GetFullPath(Path.Combine(SourceTree.Root, Path.GetDirectoryName(project)!, include.Replace('\\', '/')))
        select Path.GetRelativePath(SourceTree.Root, path).Replace('\\', '/');

    private static IEnumerable<string> Elements(string project, string element) =>
        XDocument.Load(SourceTree.Absolute(project)).Descendants(element).Select(found => found.Attribute("Include")!.Value);
}
