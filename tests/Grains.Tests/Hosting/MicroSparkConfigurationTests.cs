using MicroSpark.Grains.Hosting;
using MicroSpark.Options;
using Microsoft.Extensions.Configuration;

namespace MicroSpark.Tests.Hosting;

/// <summary>Where settings come from, which of two wins, and what a bad one says.</summary>
public sealed class MicroSparkConfigurationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    [Fact]
    public void Nothing_set_gives_the_defaults()
    {
        var options = MicroSparkConfiguration.Load(_folder.FullName);

        Assert.Equal("microspark", options.ClusterId);
        Assert.True(options.Membership.IsInMemory);
        Assert.Equal("127.0.0.1", options.Silo.Address);
        Assert.Null(options.Slots);
        Assert.Equal(Isolation.Process, options.Isolation);
        Assert.True(options.Speculation.Enabled);
    }

    [Fact]
    public void Flags_win_over_the_file_and_code_over_both()
    {
        Write("""{ "MicroSpark": { "ClusterId": "file", "Slots": 2, "Silo": { "Port": 7000 }, "Isolation": "simulated" } }""");

        var options = MicroSparkConfiguration.Load(_folder.FullName, o => o.Silo.Port = 9000, ["--MicroSpark:Slots=3", "--microspark:silo:port=8000"]);

        Assert.Equal("file", options.ClusterId);
        Assert.Equal(3, options.Slots);
        Assert.Equal(9000, options.Silo.Port);
        Assert.Equal(Isolation.Simulated, options.Isolation);
    }

    [Fact]
    public void Secrets_have_names_roles_and_files()
    {
        Write("{ \"MicroSpark\": { \"Secrets\": [{ \"Name\": \"ann\", \"Role\": \"submit\", \"Upload\": true, \"File\": \"/a\" }, { \"Name\": \"rea\", \"File\": \"/r\" }] } }");
        var secrets = MicroSparkConfiguration.Load(_folder.FullName).Secrets;
        Assert.Equal([("ann", PrincipalRole.Submit, true), ("rea", PrincipalRole.Read, false)], secrets.Select(static s => (s.Name, s.Role, s.Upload)));

        foreach (var (setting, value) in new[] { ("Name", "ann"), ("File", ""), ("Upload", "true"), ("Weight", "101"), ("MaxJobs", "0"), ("MaxUploads", "1KB"), ("MaxMemory", "15MB"), ("MaxSpill", "much") })
        {
            var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(_folder.FullName, null, [$"--MicroSpark:Secrets:1:{setting}={value}"]));
            Assert.Contains($"MicroSpark:Secrets:1:{setting}", error.Message, StringComparison.Ordinal);
        }

        // Who may all is the cluster's own.
        foreach (var (setting, value) in new[] { ("Weight", "2"), ("MaxJobs", "2"), ("MaxUploads", "2MB"), ("MaxMemory", "16MB"), ("MaxSpill", "2MB") })
        {
            var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(
                _folder.FullName, null, ["--MicroSpark:Secrets:1:Role=Worker", $"--MicroSpark:Secrets:1:{setting}={value}"]));
            Assert.Contains($"MicroSpark:Secrets:1:{setting}", error.Message, StringComparison.Ordinal);
            Assert.Contains("Worker", error.Message, StringComparison.Ordinal);
        }

        // It may be a secret whose place is wrong.
        var unknown = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(_folder.FullName, null, ["--MicroSpark:Secrets:1:Value=hidden"]));
        Assert.Contains("MicroSpark:Secrets:1:Value", unknown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", unknown.Message, StringComparison.Ordinal);
    }

    /// <summary>A hostile one would choose the membership database, and so whose code this process runs.</summary>
    [Fact]
    public void A_file_of_another_user_is_left_out_and_one_that_all_can_write_is_refused()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var file = Path.Combine(_folder.FullName, "appsettings.json");
        var warnings = new StringWriter();
        Assert.False(MicroSparkConfiguration.IsOfThisUser(file, warnings));
        Write("{}");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(MicroSparkConfiguration.IsOfThisUser(file, warnings));
        Assert.Equal("", warnings.ToString());

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        Assert.True(MicroSparkConfiguration.IsOfThisUser(file, warnings));
        Assert.Contains("chmod g-w", warnings.ToString(), StringComparison.Ordinal);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.IsOfThisUser(file, warnings));
        Assert.Contains("chmod o-w", error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = System.Diagnostics.Process.Start("chown", ["65534", file]);
            chown.WaitForExit();
            Assert.False(MicroSparkConfiguration.IsOfThisUser(file, warnings));
            Assert.Contains($"{file} is not read", warnings.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_of_settings_with_the_secret_in_it_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var file = Path.Combine(_folder.FullName, "appsettings.json");
        var secret = MicroSpark.Grains.Security.SecretText.New();
        Write($$"""{ "MicroSpark": { "Secret": "{{secret}}" } }""");
        foreach (var shown in new[] { UnixFileMode.OtherRead, UnixFileMode.GroupRead, UnixFileMode.OtherWrite, UnixFileMode.GroupWrite })
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | shown);
            var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(_folder.FullName));
            Assert.Equal("MicroSpark:Secret", error.Setting);
            Assert.Contains($"chmod 600 \"{file}\"", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(secret, MicroSparkConfiguration.Load(_folder.FullName).Secret);

        // Without a secret everybody may read it, whatever the environment or the command line say besides.
        Write("""{ "MicroSpark": { "Slots": 3 } }""");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Equal(3, MicroSparkConfiguration.Load(_folder.FullName, o => o.Secret = secret).Slots);
    }

    [Fact]
    public void A_password_that_everybody_can_read_is_told()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var file = Path.Combine(_folder.FullName, "appsettings.json");
        foreach (var (connection, mode, told) in new[]
        {
            ("Host=db;Password=x", UnixFileMode.OtherRead, true), ("Host=db;Pwd=x", UnixFileMode.OtherRead, true),
            ("Host=db;Password=x", UnixFileMode.None, false), ("Data Source=a.db", UnixFileMode.OtherRead, false),
        })
        {
            Write("{}");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | mode);
            var warnings = new StringWriter();
            var section = new ConfigurationBuilder()
                .AddInMemoryCollection([new("Membership:ConnectionString", connection)]).Build();
            MicroSparkConfiguration.EnsurePrivate(file, section, warnings);
            Assert.Equal(told, warnings.ToString().Contains($"chmod o-r \"{file}\"", StringComparison.Ordinal));
            Assert.DoesNotContain("=x", warnings.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Secrets:0:Role", "Boss", "Read, Submit, Admin, Worker")]
    [InlineData("Secrets:0:Upload", "perhaps", "true or false")]
    [InlineData("Secrets:0:Name", "a b", "1 to 64 of A-Z")]
    [InlineData("Slots", "0", "1 to 1024")]
    [InlineData("Slots", "1025", "1 to 1024")]
    [InlineData("Slots", "two", "whole number")]
    [InlineData("DefaultParallelism", "-1", "from 1")]
    [InlineData("Retry:MaxTaskFailures", "101", "1 to 100")]
    [InlineData("MemoryBudget", "15MB", "at least 16MB")]
    [InlineData("MemoryBudget", "lots", "512MB")]
    [InlineData("MemoryBudget", "-1GB", "512MB")]
    [InlineData("Silo:Port", "65536", "0 to 65535")]
    [InlineData("Silo:Address", "somewhere", "IP address")]
    [InlineData("Isolation", "Total", "Process, Simulated")]
    [InlineData("Speculation:Enabled", "maybe", "true or false")]
    [InlineData("Secret", " ", "visible character")]
    [InlineData("Silo:Prot", "1", "Silo:Port")]
    [InlineData("ClusterId", "", "1 to 150")]
    [InlineData("Membership:Provider", "Sqlite", "Membership:ConnectionString")]
    public void A_bad_value_is_named_with_its_bound(string setting, string value, string bound)
    {
        var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(_folder.FullName, null, [$"--MicroSpark:{setting}={value}"]));

        Assert.Contains(bound, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("MicroSpark:", error.Setting, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_settings_with_one_port_are_refused()
    {
        var error = Assert.Throws<InvalidSettingException>(
            () => MicroSparkConfiguration.Load(_folder.FullName, o => (o.Silo.Port, o.Silo.DataPort) = (7000, 7000)));

        Assert.Equal("MicroSpark:Silo:DataPort", error.Setting);
    }

    [Fact]
    public void A_file_that_is_no_JSON_is_named()
    {
        Write("{ \"MicroSpark\": ");

        var error = Assert.Throws<InvalidSettingException>(() => MicroSparkConfiguration.Load(_folder.FullName));

        Assert.Contains("appsettings.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("512MB", 512L << 20)]
    [InlineData("1.5 GB", 3L << 29)]
    [InlineData("64kb", 64L << 10)]
    [InlineData("65536", 65536L)]
    [InlineData("2TB", 2L << 40)]
    public void Sizes_are_read_as_people_write_them(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var found));
        Assert.Equal(bytes, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("5 apples")]
    [InlineData("99999999999TB")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KB")]
    [InlineData(1 << 20, "1.00 MB")]
    [InlineData(12_900_000, "12.3 MB")]
    [InlineData(1L << 50, "1024 TB")]
    public void Sizes_have_three_digits(long bytes, string expected) => Assert.Equal(expected, ByteSize.Show(bytes));

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string json) => File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), json);
}
