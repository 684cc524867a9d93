using System.Runtime.Versioning;
using MicroSpark.Grains.Security;
using MicroSpark.Options;

namespace MicroSpark.Tests.Security;

/// <summary>Who may read and change a file with a secret, and what is on the way to it.</summary>
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    [Theory]
    [InlineData(UnixFileMode.None, true)]
    [InlineData(UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.OtherWrite, false)]
    public void A_file_of_this_users_own_is_his_alone(UnixFileMode others, bool accepted)
    {
        if (!OperatingSystem.IsWindows())
        {
            var path = Secret("deep", UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
            Assert.Equal(accepted, Accepts(path));
        }
    }

    [Fact]
    public void Who_may_read_what_is_no_secret_is_not_asked()
    {
        if (OperatingSystem.IsLinux())
        {
            var path = Secret("deep", UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.True(Accepts(path, secret: false));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
            Assert.False(Accepts(path, secret: false));
        }
    }

    [Theory]
    [InlineData(UnixFileMode.None, true)]
    [InlineData(Others, false)]
    [InlineData(Others | UnixFileMode.StickyBit, true)]
    public void A_folder_that_others_can_write_is_refused(UnixFileMode others, bool accepted)
    {
        if (OperatingSystem.IsLinux())
        {
            var path = Secret("deep/deeper", UnixFileMode.UserRead);
            var folder = Path.Combine(_folder.FullName, "deep");
            File.SetUnixFileMode(folder, Mine | others);
            Assert.Equal(accepted, Accepts(path));
            if (!accepted)
            {
                var error = Assert.Throws<InvalidSettingException>(() => PrivateFile.Check(path, "SecretFile"));
                Assert.Contains($"chmod go-w \"{folder}\"", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_link_is_followed_and_each_step_of_it_looked_at()
    {
        if (OperatingSystem.IsLinux())
        {
            Secret("behind", UnixFileMode.UserRead);
            var link = Path.Combine(_folder.FullName, "link");
            File.CreateSymbolicLink(link, "./behind/../behind/secret");
            Assert.True(Accepts(link));
            File.SetUnixFileMode(Path.Combine(_folder.FullName, "behind"), Mine | Others);
            Assert.False(Accepts(link));
        }
    }

    [Fact]
    public void What_is_missing_is_for_its_reader_to_say() =>
        Assert.Null(PrivateFile.Check(Path.Combine(_folder.FullName, "nothing", "here"), "SecretFile", secret: false));

    public void Dispose() => _folder.Delete(recursive: true);

    private static bool Accepts(string path, bool secret = true)
    {
        try
        {
            return PrivateFile.Check(path, "SecretFile", secret) is null;
        }
        catch (InvalidSettingException)
        {
            return false;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private string Secret(string folder, UnixFileMode mode)
    {
        var path = Path.Combine(_folder.CreateSubdirectory(folder).FullName, "secret");
        File.WriteAllText(path, SecretText.New());
        File.SetUnixFileMode(path, mode);
        return path;
    }
}
