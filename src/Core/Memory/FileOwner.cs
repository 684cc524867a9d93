using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace MicroSpark.Memory;

/// <summary>
/// Who owns a file, and who else can write it: what is asked of files that somebody else may have put where this process looks. A link is
/// told as a link and not followed.
/// </summary>
/// <param name="User">The owner's number.</param>
/// <param name="Group">The number of its group.</param>
/// <param name="Mode">The kind of the file and its rights, as the system has them.</param>
/// <param name="IsMountRoot">Whether a file system, or a single file, is mounted there.</param>
internal readonly partial record struct FileOwner(uint User, uint Group, int Mode, bool IsMountRoot)
{
    private const int KindMask = 0xF000;
    private const int Directory = 0x4000;
    private const int Regular = 0x8000;
    private const int Link = 0xA000;
    private const int Sticky = 0x200;
    private const int GroupWrite = 0x10;
    private const int OthersWrite = 0x2;
    private const int GroupRead = 0x20;
    private const int OthersRead = 0x4;

    // statx(2) has the same numbers and layout on every architecture.
    private const int AtCurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeUserGroup = 0x1 | 0x2 | 0x8 | 0x10;
    private const ulong MountRoot = 0x2000;
    private const int StatxBytes = 256;
    private const int AttributesAt = 8;
    private const int UserAt = 20;
    private const int GroupAt = 24;
    private const int ModeAt = 28;

    public bool IsDirectory => (Mode & KindMask) == Directory;

    public bool IsRegular => (Mode & KindMask) == Regular;

    public bool IsLink => (Mode & KindMask) == Link;

    /// <summary>Whether the owner is the user of this process.</summary>
    public bool IsMine => !OperatingSystem.IsWindows() && User == EffectiveUser();

    /// <summary>Whether the owner is the user of this process or the system's administrator.</summary>
    public bool IsTrusted => User == 0 || IsMine;

    public bool GroupCanWrite => (Mode & GroupWrite) != 0;

    public bool AllCanWrite => (Mode & OthersWrite) != 0;

    public bool GroupCanRead => (Mode & GroupRead) != 0;

    public bool AllCanRead => (Mode & OthersRead) != 0;

    /// <summary>
    /// Whether nobody but the owner can put something in the place of another user's entry of this folder: nobody else can write it, or it
    /// is sticky, as the system's temporary folder is.
    /// </summary>
    public bool KeepsEntries => IsDirectory && ((Mode & Sticky) != 0 || (Mode & (GroupWrite | OthersWrite)) == 0);

    /// <summary>Null where there is no such file, and on systems that do not tell: then nothing is known, and nothing is trusted.</summary>
    public static FileOwner? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var answer = new byte[StatxBytes];
        return Statx(AtCurrentDirectory, path, NoFollow, TypeModeUserGroup, answer) == 0
            ? new FileOwner(
                BitConverter.ToUInt32(answer, UserAt), BitConverter.ToUInt32(answer, GroupAt), BitConverter.ToUInt16(answer, ModeAt),
                (BitConverter.ToUInt64(answer, AttributesAt) & MountRoot) != 0)
            : null;
    }

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte[] answer);

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
