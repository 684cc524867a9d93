using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MicroSpark.Client.CommandLine;
using Microsoft.CodeAnalysis;

namespace MicroSpark.Client.Shell;

/// <summary>
/// Packages that lines name with <c>#r "nuget: Name, Version"</c>. The SDK restores all of a session together, with what
/// they stand on, from the sources that a project in the working directory would use. The compiler knows only files, and
/// one for each <c>#r</c>: so the directive is a comment to it, and the files are references of each line that follows.
/// </summary>
internal sealed partial class ScriptPackages(string folder)
{
    private readonly Dictionary<string, string> _versions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What lines are compiled against.</summary>
    public IReadOnlyList<MetadataReference> References { get; private set; } = [];

    /// <summary>What is loaded when a line uses it.</summary>
    public IReadOnlyList<string> Assemblies { get; private set; } = [];

    /// <summary>The text with each directive as a comment of the same length.</summary>
    public static string Hide(string code) =>
        code.Contains("nuget:", StringComparison.Ordinal) ? Directive().Replace(code, static found => $"//{found.Value[2..]}") : code;

    /// <summary>Restores what a text names and was not named before.</summary>
    /// <returns>Whether there was anything new.</returns>
    /// <exception cref="ScriptErrorException">There is no such package, or no SDK to restore it.</exception>
    public async Task<bool> AddAsync(string code, CancellationToken cancellationToken)
    {
        var named = new Dictionary<string, string>(_versions, StringComparer.OrdinalIgnoreCase);
        foreach (Match found in Directive().Matches(code))
        {
            named[found.Groups["name"].Value] = found.Groups["version"].Value;
        }

        if (named.Count == _versions.Count && named.All(one => _versions[one.Key] == one.Value))
        {
            return false;
        }

        var place = Directory.CreateTempSubdirectory("microspark-packages-");
        try
        {
            await RestoreAsync(place.FullName, named, cancellationToken);
            await ReadAsync(Path.Join(place.FullName, "obj", "project.assets.json"), cancellationToken);
        }
        finally
        {
            place.Delete(recursive: true);
        }

        foreach (var (name, version) in named)
        {
            _versions[name] = version;
        }

        return true;
    }

    private async Task RestoreAsync(string place, Dictionary<string, string> packages, CancellationToken cancellationToken)
    {
        var project = Path.Join(place, "prompt.csproj");
        var items = packages.Select(static one => $"""<PackageReference Include="{one.Key}" Version="{one.Value}" />""");
        await File.WriteAllTextAsync(
            project,
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>{string.Concat(items)}</ItemGroup>
            </Project>
            """,
            cancellationToken);
        var start = new ProcessStartInfo("dotnet", ["restore", project, "-v:q", "-nologo", $"-p:RestoreRootConfigDirectory={folder}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var restore = Process.Start(start)!;
        try
        {
            var errors = restore.StandardError.ReadToEndAsync(cancellationToken);
            var output = await restore.StandardOutput.ReadToEndAsync(cancellationToken);
            await restore.WaitForExitAsync(cancellationToken);
            if (restore.ExitCode != 0)
            {
                throw new ScriptErrorException([.. Told($"{output}{await errors}", project)]);
            }
        }
        catch (OperationCanceledException)
        {
            restore.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>What NuGet says, without the name of a project that nobody knows.</summary>
    private static IEnumerable<string> Told(string output, string project) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Replace($"{project} : ", "", StringComparison.Ordinal)
                .Replace($" [{project}]", "", StringComparison.Ordinal))
            .Distinct();

    private async Task ReadAsync(string assets, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(assets);
        using var json = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        var root = json.RootElement;
        string[] folders = [.. root.GetProperty("packageFolders").EnumerateObject().Select(static one => one.Name)];
        var target = root.GetProperty("targets").EnumerateObject().First().Value;
        References = [.. Files(root, target, "compile", folders).Select(static path => MetadataReference.CreateFromFile(path))];
        Assemblies = [.. Files(root, target, "runtime", folders)];
    }

    private static IEnumerable<string> Files(JsonElement root, JsonElement target, string kind, string[] folders) =>
        from package in target.EnumerateObject()
        where package.Value.TryGetProperty(kind, out _)
        from file in package.Value.GetProperty(kind).EnumerateObject()
        where file.Name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
        let inside = Path.Join(root.GetProperty("libraries").GetProperty(package.Name).GetProperty("path").GetString(), file.Name)
        select folders.Select(one => Path.Join(one, inside)).First(File.Exists);

    [GeneratedRegex(
        """^#r[ \t]+"nuget:[ \t]*(?<name>[A-Za-z0-9_.-]+)[ \t]*,[ \t]*(?<version>[A-Za-z0-9_.*+\[\](),-]+)[ \t]*"[ \t]*\r?$""",
        RegexOptions.Multiline)]
    private static partial Regex Directive();
}
