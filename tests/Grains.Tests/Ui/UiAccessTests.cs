using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests.Ui;

/// <summary>A code lets one browser in, once and in time.</summary>
public sealed class UiAccessTests
{
    private static readonly Viewer s_all = Viewer.Of(Principal.Cluster, control: true);

    private readonly ManualTime _time = new();
    private readonly UiAccess _access;

    public UiAccessTests() => _access = new UiAccess(_time);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_code_is_changed_for_a_cookie_once(bool control)
    {
        var viewer = Viewer.Of(Principal.Cluster, control);
        var code = _access.NewCode(viewer);
        var cookie = _access.Redeem(code);
        Assert.Equal(viewer, _access.ViewerOf(cookie));
        Assert.Null(_access.Redeem(code));
        Assert.Null(_access.ViewerOf(code));
        Assert.Null(_access.ViewerOf(null));
        Assert.Null(_access.Redeem(cookie!));
    }

    [Fact]
    public void A_code_has_128_bits_and_is_another_one_each_time()
    {
        var codes = Enumerable.Range(0, 50).Select(_ => _access.NewCode(s_all)).ToHashSet();
        Assert.Equal(50, codes.Count);
        Assert.All(codes, code => Assert.Equal(16, System.Buffers.Text.Base64Url.DecodeFromChars(code).Length));
    }

    [Fact]
    public void A_code_is_good_for_ten_minutes()
    {
        var (early, late) = (_access.NewCode(s_all), _access.NewCode(s_all));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        Assert.NotNull(_access.Redeem(early));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_access.Redeem(late));
    }

    [Fact]
    public void A_browser_that_asks_for_nothing_is_forgotten()
    {
        var cookie = _access.Redeem(_access.NewCode(s_all));
        _time.Advance(TimeSpan.FromHours(11));
        Assert.NotNull(_access.ViewerOf(cookie));
        _time.Advance(TimeSpan.FromHours(11));
        Assert.NotNull(_access.ViewerOf(cookie));
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Null(_access.ViewerOf(cookie));
    }

    [Fact]
    public void Codes_that_nobody_uses_do_not_grow()
    {
        var first = _access.NewCode(s_all);
        for (var i = 0; i < 64; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _access.NewCode(s_all);
        }

        Assert.Null(_access.Redeem(first));
    }

    [Fact]
    public void Whoever_makes_many_links_shuts_out_nobody_but_himself()
    {
        var admin = _access.Redeem(_access.NewCode(s_all));
        var reader = Viewer.Of(new Principal("rea", Rights.Read), control: false);
        string? first = null, last = null;
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            last = _access.Redeem(_access.NewCode(reader));
            first ??= last;
        }

        Assert.Equal(s_all, _access.ViewerOf(admin));
        Assert.Null(_access.ViewerOf(first));
        Assert.Equal(reader, _access.ViewerOf(last));
    }

    [Fact]
    public void Who_was_let_in_under_a_secret_is_let_out_when_it_counts_no_more()
    {
        var secrets = new Dictionary<string, string[]> { ["ann"] = ["old"], ["bob"] = ["his"] };
        var access = new UiAccess(new ManualTime(), name => secrets.GetValueOrDefault(name) ?? []);
        var (ann, bob, nobody) = (Enter("ann"), Enter("bob"), Enter("terminal"));
        var unused = access.NewCode(Of("ann"));

        secrets["ann"] = ["old", "new"];
        Assert.NotNull(access.ViewerOf(ann));
        var later = Enter("ann");
        secrets["ann"] = ["new"];
        Assert.Null(access.ViewerOf(ann));
        Assert.Null(access.Redeem(unused));
        Assert.NotNull(access.ViewerOf(later));
        Assert.NotNull(access.ViewerOf(bob));
        Assert.NotNull(access.ViewerOf(nobody));

        // Coming back does not let in again.
        secrets["ann"] = ["old"];
        Assert.Null(access.ViewerOf(ann));

        string Enter(string name) => access.Redeem(access.NewCode(Of(name)))!;

        static Viewer Of(string name) => Viewer.Of(Principal.Cluster with { Name = name }, control: false);
    }

    [Fact]
    public void The_secrets_of_a_name_are_those_that_are_accepted_now()
    {
        var folder = Directory.CreateTempSubdirectory("microspark-test-");
        try
        {
            var file = Path.Combine(folder.FullName, "ann");
            Write(SecretText.New());
            var time = new ManualTime();
            var options = new MicroSparkOptions { Secret = null, SecretFile = Path.Combine(folder.FullName, "own") };
            options.Secrets.Add(new SecretOptions { Name = "ann", Role = PrincipalRole.Submit, File = file });
            var secret = ClusterSecret.OfWorker(options, time);
            var before = secret.IdentitiesOf("ann").Single();
            Assert.NotEqual(before, secret.IdentitiesOf(Principal.Cluster.Name).Single());
            Assert.Empty(secret.IdentitiesOf("nobody"));
            Write(SecretText.New());
            time.Advance(ClusterSecret.Interval);
            Assert.NotEqual(before, secret.IdentitiesOf("ann").Single());

            void Write(string text)
            {
                File.WriteAllText(file, text);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
