using MicroSpark.Grains.Membership;
using Microsoft.Data.Sqlite;

namespace MicroSpark.Tests.Membership;

public sealed class MembershipSchemaTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    /// <summary>Who can write the table decides which silos are of the cluster.</summary>
    [Fact]
    public async Task Only_its_owner_can_read_and_write_a_database_that_is_made()
    {
        var path = Path.Combine(_folder.FullName, "cluster.db");
        var options = new MembershipOptions { Provider = "Sqlite", ConnectionString = $"Data Source={path}" };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => Task.Run(() => MembershipSchema.EnsureAsync(options, create: true, TimeProvider.System, CancellationToken.None))));
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in Directory.GetFiles(_folder.FullName))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }
}
