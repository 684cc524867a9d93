namespace MicroSpark.Client.Shell;

/// <summary>Paths as they are typed at a prompt, where no shell of the system has read them before.</summary>
internal static class HomePath
{
    /// <summary><c>~</c> and <c>~/...</c> are the user's home folder; other paths stay as they are.</summary>
    public static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
            : path;
}
