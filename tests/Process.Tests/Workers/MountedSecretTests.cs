using System.Runtime.Versioning;
using MicroSpark.Grains.Security;
using MicroSpark.Options;
using MicroSpark.Tests.Contexts;

namespace MicroSpark.Tests.Workers;

/// <summary>Secrets as the kubelet lays them out: a file system of their own, and two links, of which it changes one.</summary>
public sealed class MountedSecretTests
{
    [MountFact, UnsupportedOSPlatform("windows")]
    public void Who_may_read_a_mounted_secret_is_who_mounts_its_to_decide()
    {
        var folder = Directory.CreateTempSubdirectory("microspark-test-");
        try
        {
            using var disk = new SmallDisk(folder.FullName, "1m");
            var data = folder.CreateSubdirectory("..2026_11_30");
            var file = Path.Combine(data.FullName, "secret");
            File.WriteAllText(file, SecretText.New());
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "..data"), data.Name);
            var path = Path.Combine(folder.FullName, "secret");
            File.CreateSymbolicLink(path, "..data/secret");
            foreach (var (mode, told) in new[] { ("0400", false), ("0440", false), ("0644", true) })
            {
                File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32(mode, 8));
                Assert.Equal(told, PrivateFile.Check(path, "SecretFile") is not null);
                Assert.NotEmpty(ClusterSecret.Of(new MicroSparkOptions { SecretFile = path }).Accepted);
            }

            // Behind the links others may not write either.
            File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("0666", 8));
            Assert.Throws<InvalidSettingException>(() => PrivateFile.Check(path, "SecretFile"));

            // The same modes in a folder of one's own are a mistake.
            File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("0440", 8));
            Assert.Throws<InvalidSettingException>(() => PrivateFile.Check(file, "SecretFile"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
