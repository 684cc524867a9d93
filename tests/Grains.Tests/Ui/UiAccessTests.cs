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
}
