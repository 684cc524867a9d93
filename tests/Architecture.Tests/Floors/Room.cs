namespace MicroSpark.Tests.Floors;

/// <summary>The first folder below a project, with all folders below it; <c>.</c> for what lies in the project's own folder.</summary>
internal readonly record struct Room(string Project, string Folder)
{
    public static Room Of(string file)
    {
        var parts = file.Split('/');
        return new(parts[1], parts.Length > 3 ? parts[2] : ".");
    }

    /// <summary>The path from the repository's root.</summary>
    public string Path => Folder == "." ? $"src/{Project}" : $"src/{Project}/{Folder}";

    public override string ToString() => Path;
}
