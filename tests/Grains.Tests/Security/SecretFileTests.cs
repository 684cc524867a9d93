using MicroSpark.Grains.Security;
using MicroSpark.Options;

namespace MicroSpark.Tests.Security;

/// <summary>One file, one secret, one reader.</summary>
public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    private string FilePath => Path.Combine(_folder.FullName, "deep", "secret");

    [Fact]
    public async Task Many_that_start_at_once_agree_on_one_secret()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => SecretFile.ReadOrCreate(FilePath))));

        Assert.Single(secrets.Distinct());
        Assert.Single(SecretText.Parse(secrets[0], "SecretFile"));
        Assert.Equal([FilePath], Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    /// <summary>One that looks whether the file is there and then renames its own over it takes away what another has read.</summary>
    [Fact]
    public void Rivals_that_begin_at_one_moment_agree_on_one_secret()
    {
        const int Rivals = 8;
        using var start = new Barrier(Rivals);
        var rounds = Enumerable.Range(0, 100).Select(round => Path.Combine(_folder.FullName, $"{round}", "secret")).ToArray();
        var read = new string[Rivals][];
        var threads = Enumerable.Range(0, Rivals).Select(rival => new Thread(() =>
        {
            read[rival] = Array.ConvertAll(rounds, path =>
            {
                start.SignalAndWait();
                return SecretFile.ReadOrCreate(path);
            });
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.All(read, secrets => Assert.Equal(read[0], secrets));
        Assert.All(rounds, path => Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!)));
    }

    [Fact]
    public void Only_its_owner_can_read_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        SecretFile.ReadOrCreate(FilePath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));

        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var error = Assert.Throws<InvalidSettingException>(() => SecretFile.ReadOrCreate(FilePath));

        Assert.Contains("chmod 600", error.Message, StringComparison.Ordinal);
        Assert.Contains("MicroSpark:SecretFile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_no_secret()
    {
        var path = Path.Combine(_folder.FullName, "empty");
        using (File.Create(path))
        {
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Throws<InvalidSettingException>(() => SecretFile.ReadOrCreate(path));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
