using MicroSpark.Grains.Security;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests;

/// <summary>What a browser shows of a job whose values are not for who looks; the server's own tests say that it has none of them.</summary>
[Collection(BrowserCollection.Name)]
public sealed class RoleTests(BrowserFixture browser)
{
    private const string Sentence = "(for admins and who has the cluster's own secret)";

    [Theory]
    [InlineData(Rights.Read, "Keys, texts of errors and what tasks said are for a job's owner and admins.")]
    [InlineData(Rights.Read | Rights.Submit, "Keys, texts of errors and what tasks said it shows of bob's own.")]
    public async Task In_place_of_a_value_stands_who_may_see_it(object rights, string told)
    {
        await using var scene = await Scene.StartAsync(1);
        var job = await scene.ThreeStagesAsync();
        var kept = scene.Spark.Range(0, 100, 1, 2).Map(static n => n + 1).SetName("numbers").Cache();
        await kept.CountAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.LinkOf("bob", (Rights)rights), $"job/{job}");
        await window.UntilAsync("() => document.querySelector('canvas')?.dataset.tiles > 0 && document.querySelector('.who')");
        Assert.Contains(told, await window.TextAsync(".who"), StringComparison.Ordinal);
        var text = await window.TextAsync();
        Assert.Equal(Sentence, await window.TextAsync(".failures h3"));
        Assert.Contains("in attempt 1 at partition 3", await window.TextAsync(".failures"), StringComparison.Ordinal);
        Assert.Equal(3, text.Split(Sentence).Length - 1);
        Assert.DoesNotContain("no number", await window.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("Stumble", await window.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Contains("Scene.cs:", await window.TextAsync(".graph"), StringComparison.Ordinal);

        await window.GoAsync("datasets");
        await window.UntilAsync("() => document.querySelectorAll('tbody tr').length === 1");
        Assert.Equal(0, await window.Page.Locator("main button").CountAsync());
        window.AssertClean(scene.Origin);
    }

    [Fact]
    public async Task Whoever_sees_all_is_told_of_no_limits()
    {
        await using var scene = await Scene.StartAsync(1);
        var job = await scene.ThreeStagesAsync();
        await using var window = await browser.OpenAsync();
        await window.EnterAsync(scene.Spark, $"job/{job}");
        await window.UntilAsync("() => document.querySelector('details')");
        Assert.Contains("no number in partition 3", await window.TextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await window.Page.Locator(".who").CountAsync());
    }
}
