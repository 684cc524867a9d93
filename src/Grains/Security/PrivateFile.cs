using MicroSpark.Memory;
using MicroSpark.Options;

namespace MicroSpark.Grains.Security;

/// <summary>
/// What is asked of a file with a secret or a key in it, or with the certificates that this process trusts. It belongs to this user or
/// root, and nobody else can change it, nor lead the way to it elsewhere: who can write a folder can put no file there that another one
/// owns. Only its owner may read a secret. Who mounts a file (a Kubernetes or Compose secret, a systemd credential) decides whose it is and
/// who may read it; this process says it when all can.
/// </summary>
internal static class PrivateFile
{
    /// <summary>As the system counts them.</summary>
    private const int MostLinks = 40;

    /// <summary>Whose files a container shows that are of no user in it.</summary>
    private const uint NobodyHere = 65534;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <param name="setting">By which the file is named.</param>
    /// <param name="secret">Whether nobody else may read it.</param>
    /// <returns>What is to be told of it all the same; null when there is nothing.</returns>
    /// <exception cref="InvalidSettingException">Others can change or read it.</exception>
    public static string? Check(string path, string setting, bool secret = true)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            // Who reads it says what is missing.
            return null;
        }

        var mode = File.GetUnixFileMode(path);
        if (!OperatingSystem.IsLinux() || Way.To(path, setting) is not { File: { } found } way)
        {
            return secret && (mode & ~Owner) != 0 ? throw Readable(path, setting) : null;
        }

        if (!found.IsTrusted && !way.IsMounted && !Environment.IsPrivilegedProcess)
        {
            throw new InvalidSettingException(setting, path, "a file of this user or root; it is another user's, who can change it");
        }

        if (found.AllCanWrite || (found.GroupCanWrite && !way.IsMounted))
        {
            throw new InvalidSettingException(setting, path, $"a file that nobody else can change; run: chmod go-w \"{path}\"");
        }

        // What root lets a group of this process read is no mistake.
        var shown = found.AllCanRead || (found.GroupCanRead && found.IsMine);
        if (secret && shown && !way.IsMounted)
        {
            throw Readable(path, setting);
        }

        return secret && found.AllCanRead
            ? $"{path} can be read by all users of this host; who mounts it can say who may (mode 0400, or 0440 and a group)."
            : way.Warning;
    }

    private static InvalidSettingException Readable(string path, string setting) =>
        new(setting, path, $"a file that only its owner can read; run: chmod 600 \"{path}\"");

    /// <summary>The way to a file. Each link is followed here, so that every folder is seen that the system goes through.</summary>
    private sealed class Way
    {
        /// <summary>The file behind all links; null when this cannot be told.</summary>
        public FileOwner? File { get; private set; }

        /// <summary>Whether it is mounted itself, or behind a link that lies at the root of what is mounted, as the kubelet's do.</summary>
        public bool IsMounted { get; private set; }

        public string? Warning { get; private set; }

        public static Way To(string path, string setting)
        {
            var way = new Way();
            var names = new Stack<string>(NamesOf(Path.GetFullPath(path)));
            var (at, links, mount) = ("/", 0, (string?)null);
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
                    return way;
                }

                if (found.IsLink)
                {
                    if (++links > MostLinks)
                    {
                        return way;
                    }

                    if (!IsTrusted(found))
                    {
                        throw new InvalidSettingException(
                            setting, path, $"a file of this user or root; \"{next}\", on the way to it, is a link of another user");
                    }

                    mount = at != "/" && FileOwner.Of(at) is { IsMountRoot: true } ? at : mount;
                    var target = new FileInfo(next).LinkTarget ?? "";
                    at = target.StartsWith('/') ? "/" : at;
                    foreach (var part in NamesOf(target))
                    {
                        names.Push(part);
                    }

                    continue;
                }

                if (names.Count == 0)
                {
                    way.File = found;
                    way.IsMounted = found.IsMountRoot || (mount is not null && next.StartsWith($"{mount}/", StringComparison.Ordinal));
                }
                else
                {
                    way.Pass(next, found, path, setting);
                }

                at = next;
            }

            return way;
        }

        /// <summary>A volume that a container gets (an emptyDir, one with an fsGroup) is open to those who share it.</summary>
        private void Pass(string folder, FileOwner found, string path, string setting)
        {
            if (found.AllCanWrite && !found.KeepsEntries && !found.IsMountRoot)
            {
                throw new InvalidSettingException(
                    setting, path, $"a file in folders that nobody else can write; run: chmod go-w \"{folder}\"");
            }

            if (!IsTrusted(found) || (!found.KeepsEntries && (found.AllCanWrite || found.Group != found.User)))
            {
                Warning ??= $"Others can write \"{folder}\", and so take {path} away.";
            }
        }

        private static bool IsTrusted(FileOwner found) => found.IsTrusted || found.User == NobodyHere || Environment.IsPrivilegedProcess;

        private static IEnumerable<string> NamesOf(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();
    }
}
