using System.Text;
using MicroSpark.Files;
using MicroSpark.Options;

namespace MicroSpark.Grains.Security;

/// <summary>
/// The file that holds a cluster's secret for one user of one host. It is written whole under another name and then linked to its own. So
/// when many processes start at once, exactly one makes it and none reads half of it.
/// </summary>
internal static class SecretFile
{
    public const string Setting = "SecretFile";
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string DefaultPath => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "microspark",
        "secret");

    /// <summary>The setting's value that stands for standard input.</summary>
    public const string StandardInput = "-";

    public static string PathOf(string? setting) => Path.GetFullPath(string.IsNullOrWhiteSpace(setting) ? DefaultPath : setting);

    /// <exception cref="InvalidSettingException">Others can read or change it, it is empty, or cannot be read or made.</exception>
    public static string ReadOrCreate(string path) => ReadOrCreate(path, out _);

    /// <inheritdoc cref="ReadOrCreate(string)"/>
    /// <param name="warning">As <see cref="PrivateFile.Check"/> has it.</param>
    public static string ReadOrCreate(string path, out string? warning)
    {
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            return Read(path, Setting, out warning);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidSettingException(
                Setting, path, $"a file that this process can read, or a folder where it can make one ({e.Message})", e);
        }
    }

    /// <param name="warning">As <see cref="PrivateFile.Check"/> has it.</param>
    /// <exception cref="InvalidSettingException">Others can read or change it, or it is empty.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Read(string path, string setting, out string? warning)
    {
        warning = PrivateFile.Check(path, setting);
        var secret = File.ReadAllText(path).Trim();
        return secret.Length > 0
            ? secret
            : throw new InvalidSettingException(setting, path, "a file with a secret in it; delete the empty file to have one made");
    }

    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Owner | UnixFileMode.UserExecute);
        }

        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(Encoding.ASCII.GetBytes($"{SecretText.New()}\n"));
                stream.Flush(flushToDisk: true);
            }

            // Not when another process was first; its secret is then the one.
            LocalFileSystem.Instance.TryPublish(draft, path);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
