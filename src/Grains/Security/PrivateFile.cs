using MicroSpark.Memory;
using MicroSpark.Options;

namespace MicroSpark.Grains.Security;

/// <summary>
/// What is asked of a file with a secret or a key in it, or with the certificates that this process trusts. Nobody but this user and
/// root may change it, nor a folder or a link on the way to it. Only its owner may read a secret. Of one that is mounted (a Kubernetes or
/// Compose secret, a systemd credential) who mounts it decides that, and this process says it when all can.
/// </summary>
internal static class PrivateFile
{
    /// <summary>As the system counts them.</summary>
    private const int MostLinks = 40;

    /// <param name="setting">By which the file is named.</param>
    /// <param name="secret">Whether nobody else may read it.</param>
    /// <returns>What is to be told of it all the same; null when there is nothing.</returns>
    /// <exception cref="InvalidSettingException">Others can change or read it.</exception>
    public static string? Check(string path, string setting, bool secret = true)
    {
        if (OperatingSystem.IsLinux())
        {
            return CheckWay(path, setting, secret);
        }

        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        return !secret || OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & ~Owner) == 0 ? null : throw Readable(path, setting);
    }

    /// <summary>Follows each link itself, so that it sees every folder that the system goes through.</summary>
    private static string? CheckWay(string path, string setting, bool secret)
    {
        var names = new Stack<string>(NamesOf(Path.GetFullPath(path)));
        var (at, links, isMounted) = ("/", 0, false);
        while (names.TryPop(out var name))
        {
            if (name is "." or "..")
            {
                at = name == "." ? at : Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            var next = Path.Combine(at, name);
            if (FileOwner.Of(next) is not { } found)
            {
                // Who reads it says what is missing.
                return null;
            }

            if (!found.IsTrusted)
            {
                throw new InvalidSettingException(
                    setting, path, $"a file of this user or root, and so all on the way to it; \"{next}\" is another user's: chown it");
            }

            if (found.IsLink)
            {
                if (++links > MostLinks)
                {
                    throw new InvalidSettingException(setting, path, "a file; its links go in circles");
                }

                isMounted |= FileOwner.Of(at)?.IsMountRoot == true;
                var target = new FileInfo(next).LinkTarget ?? "";
                at = target.StartsWith('/') ? "/" : at;
                foreach (var part in NamesOf(target))
                {
                    names.Push(part);
                }

                continue;
            }

            if (found.OthersCanWrite && !(found.IsDirectory && found.IsSticky))
            {
                throw new InvalidSettingException(
                    setting, path, $"a file that nobody else can change, nor a folder on the way to it; run: chmod go-w \"{next}\"");
            }

            if (names.Count == 0 && secret && (found.AllCanRead || found.GroupCanRead))
            {
                return !(isMounted || found.IsMountRoot || !found.IsMine) ? throw Readable(path, setting)
                    : found.AllCanRead
                        ? $"{path} can be read by all users of this host; who mounts it can say who may (mode 0400, or 0440 and a group)."
                        : null;
            }

            at = next;
        }

        return null;
    }

    private static IEnumerable<string> NamesOf(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();

    private static InvalidSettingException Readable(string path, string setting) =>
        new(setting, path, $"a file that only its owner can read; run: chmod 600 \"{path}\"");
}
