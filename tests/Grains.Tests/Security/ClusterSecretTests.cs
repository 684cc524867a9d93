using MicroSpark.Grains.Security;
using MicroSpark.Options;
using Microsoft.Extensions.Logging;

namespace MicroSpark.Tests.Security;

/// <summary>A process follows the file of its secret, and stays with what it knows while the file is of no use.</summary>
public sealed class ClusterSecretTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");
    private readonly Infrastructure.ManualTime _time = new();
    private readonly Lines _log = new();

    private string FilePath => Path.Combine(_folder.FullName, "secret");

    /// <summary>Another process's own, as on another host.</summary>
    private string OtherPath => Path.Combine(_folder.FullName, "other");

    [Fact]
    public void A_secret_is_changed_while_processes_run()
    {
        string old = SecretText.New(), next = SecretText.New();
        Write(old);
        Write(old, OtherPath);
        ClusterSecret one = Open(FilePath), two = Open(OtherPath);
        var stranger = ClusterSecret.Of(old);

        // Each step on one process first, then on the other: they always understand each other.
        foreach (var step in new[] { $"{old}\n{next}\n", $"{next}\n{old}\n", $"{next}\n" })
        {
            foreach (var file in new[] { FilePath, OtherPath })
            {
                Write(step, file);
                _time.Advance(ClusterSecret.Interval);
                AssertAgree(one, two);
            }
        }

        Assert.False(Accepts(one, stranger));
        Assert.False(Accepts(stranger, one));
        Assert.True(Accepts(one, ClusterSecret.Of(next)));
        Assert.DoesNotContain(_log.All, line => line.Contains("microspark1-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_away_or_damaged_changes_nothing_and_is_said_once()
    {
        var old = SecretText.New();
        Write(old);
        var secret = Open(FilePath);

        foreach (var change in new Action[] { () => Write("hunter2"), () => File.Delete(FilePath) })
        {
            change();
            _log.All.Clear();
            for (var i = 0; i < 3; i++)
            {
                _time.Advance(ClusterSecret.Interval);
                Assert.True(Accepts(secret, ClusterSecret.Of(old)));
            }

            Assert.Contains(FilePath, Assert.Single(_log.All), StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", _log.All[0], StringComparison.Ordinal);
        }

        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void A_file_behind_a_link_is_followed_within_a_second()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // As the kubelet changes a mounted secret: the link stays, what it leads to is another folder.
        string old = SecretText.New(), next = SecretText.New();
        var link = Path.Combine(_folder.FullName, "mounted");
        Write(old);
        File.CreateSymbolicLink(link, FilePath);
        var secret = Open(link);
        Write(next);
        _time.Advance(ClusterSecret.Interval);

        Assert.True(Accepts(secret, ClusterSecret.Of(next)));
        Assert.False(Accepts(secret, ClusterSecret.Of(old)));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void AssertAgree(ClusterSecret one, ClusterSecret two)
    {
        Assert.True(Accepts(one, two));
        Assert.True(Accepts(two, one));
    }

    [Fact]
    public void A_worker_knows_the_secrets_of_others_by_their_names_and_reads_them_again()
    {
        Write(SecretText.New());
        var (before, after) = (SecretText.New(), SecretText.New());
        Write(before, $"{FilePath}.ann");
        var secret = ClusterSecret.OfWorker(Named("ann"), _time);
        Assert.Equal(("ann", Rights.Read | Rights.Submit), NameOf(secret, before));
        Assert.Null(NameOf(secret, after));

        Write($"{before}\n{after}\n", $"{FilePath}.ann");
        _time.Advance(ClusterSecret.Interval);
        Assert.Equal("ann", NameOf(secret, after)?.Name);
        Assert.Equal("cluster", NameOf(secret, File.ReadAllText(FilePath))?.Name);

        // It is proved to nobody.
        Assert.False(Accepts(ClusterSecret.Of(before), secret));
    }

    [Fact]
    public void A_secret_of_somebodys_own_is_nobody_elses()
    {
        Write(SecretText.New());
        Write(SecretText.New(), $"{FilePath}.ann");
        File.Copy($"{FilePath}.ann", $"{FilePath}.bob");
        File.Copy(FilePath, $"{FilePath}.cyd");
        Assert.Contains("bob", Assert.Throws<InvalidSettingException>(() => ClusterSecret.OfWorker(Named("ann", "bob"))).Message, StringComparison.Ordinal);
        Assert.Contains("cyd", Assert.Throws<InvalidSettingException>(() => ClusterSecret.OfWorker(Named("cyd"))).Message, StringComparison.Ordinal);
        Assert.Contains("Secrets:0:File", Assert.Throws<InvalidSettingException>(() => ClusterSecret.OfWorker(Named("dan"))).Message, StringComparison.Ordinal);
    }

    private MicroSparkOptions Named(params string[] names)
    {
        var options = new MicroSparkOptions { SecretFile = FilePath };
        options.Secrets.AddRange(names.Select(name => new SecretOptions { Name = name, Role = PrincipalRole.Submit, File = $"{FilePath}.{name}" }));
        return options;
    }

    private static (string Name, Rights Rights)? NameOf(ClusterSecret secret, string text)
    {
        var mac = ClusterSecret.Of(text).Current.MacOf("m");
        foreach (var (keys, principal) in secret.Known)
        {
            if (keys.MacOf("m").AsSpan().SequenceEqual(mac))
            {
                return (principal.Name, principal.Rights);
            }
        }

        return null;
    }

    /// <summary>Whether what the second proves the first accepts.</summary>
    private static bool Accepts(ClusterSecret one, ClusterSecret two) =>
        one.Accepted.Any(keys => keys.MacOf("m").AsSpan().SequenceEqual(two.Current.MacOf("m")));

    private void Write(string text, string? path = null)
    {
        // As whoever cares does it: whole, by a rename.
        path ??= FilePath;
        var draft = $"{path}.new";
        File.WriteAllText(draft, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(draft, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Move(draft, path, overwrite: true);
    }

    private ClusterSecret Open(string file) => ClusterSecret.Of(new MicroSparkOptions { SecretFile = file }, _time).LogTo(_log);

    private sealed class Lines : ILoggerFactory, ILogger
    {
        public List<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
