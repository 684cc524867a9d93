using System.Net;
using System.Text.Json;
using MicroSpark.Tests.Infrastructure;

namespace MicroSpark.Tests;

/// <summary>Who is let in, and to what.</summary>
public sealed class AccessTests
{
    private static readonly string[] Addresses =
        ["/", "/assets/app.js", "/api/v1/session", "/api/v1/cluster", "/api/v1/events", "/api/v1/jobs", "/api/v1/datasets", "/api/v1/advice"];

    [Fact]
    public async Task Nobody_gets_in_without_a_link()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        foreach (var address in Addresses)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync(address));
        }

        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/enter?code=AAAAAAAAAAAAAAAAAAAAAA"));
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/enter"));
        visitor.Cookie = $"microspark-{scene.Spark.UiUri!.Port}=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync("/api/v1/jobs"));
    }

    [Fact]
    public async Task A_link_is_good_once()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        var link = (await scene.Spark.UiLinkAsync())!;
        using var first = await visitor.AskAsync(link.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await visitor.StatusAsync(link.PathAndQuery));

        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-referrer", Assert.Single(first.Headers.GetValues("Referrer-Policy")));
    }

    [Fact]
    public async Task Other_names_of_the_host_and_other_sites_are_refused()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/v1/jobs"));
        var port = scene.Spark.UiUri!.Port;
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/api/v1/jobs", null, ("Host", $"localhost:{port}")));
        foreach (var host in new[] { "evil.example", $"evil.example:{port}", "127.0.0.1", $"127.0.0.1.evil.example:{port}", $"x127.0.0.1:{port}" })
        {
            Assert.Equal(HttpStatusCode.MisdirectedRequest, await visitor.StatusAsync("/api/v1/jobs", null, ("Host", host)));
        }

        foreach (var origin in new[] { "https://evil.example", "null", $"http://127.0.0.1:{port + 1}", $"https://127.0.0.1:{port}" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await visitor.StatusAsync("/api/v1/jobs", null, ("Origin", origin)));
        }
    }

    [Fact]
    public async Task A_change_is_asked_for_by_the_page_itself_and_by_who_may()
    {
        await using var scene = await Scene.StartAsync(1);
        using var owner = new Visitor(scene.Origin);
        using var reader = new Visitor(scene.Origin);
        await owner.EnterAsync(scene.Spark);
        await reader.EnterAsync(scene.Spark, control: false);
        var cancel = $"/api/v1/jobs/{await scene.ThreeStagesAsync()}/cancel";
        (string, string)[] page = [("Origin", scene.Origin), ("microspark-page", "1")];
        Assert.Equal(HttpStatusCode.Forbidden, await owner.StatusAsync(cancel, HttpMethod.Post));
        Assert.Equal(HttpStatusCode.Forbidden, await owner.StatusAsync(cancel, HttpMethod.Post, page[0]));
        Assert.Equal(HttpStatusCode.Forbidden, await owner.StatusAsync(cancel, HttpMethod.Post, page[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await owner.StatusAsync(cancel, HttpMethod.Post, ("Origin", "https://evil.example"), page[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await reader.StatusAsync(cancel, HttpMethod.Post, page));
        Assert.Equal(HttpStatusCode.NotFound, await owner.StatusAsync(cancel));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await owner.StatusAsync(cancel, HttpMethod.Put, page));
        Assert.Equal(HttpStatusCode.NoContent, await owner.StatusAsync(cancel, HttpMethod.Post, page));
        Assert.False(JsonDocument.Parse(await reader.TextAsync("/api/v1/session")).RootElement.GetProperty("control").GetBoolean());
    }

    [Fact]
    public async Task The_only_inline_script_is_the_import_map_that_the_policy_names()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var answer = await visitor.AskAsync("/");
        var html = await answer.Content.ReadAsStringAsync();
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        const string Map = "<script type=\"importmap\">";
        var inline = html[(html.IndexOf(Map, StringComparison.Ordinal) + Map.Length)..];
        inline = inline[..inline.IndexOf("</script>", StringComparison.Ordinal)];
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(inline)));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src 'self' 'sha256-{hash}';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("<script").Length - 1);
        using var modules = JsonDocument.Parse(inline);
        foreach (var module in modules.RootElement.GetProperty("imports").EnumerateObject())
        {
            Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync(module.Value.GetString()!));
        }
    }

    [Fact]
    public async Task What_there_is_not_is_told_as_such()
    {
        await using var scene = await Scene.StartAsync(1);
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        foreach (var address in new[]
        {
            "/assets/../Ui.cs", "/assets/none.js", "/api/v1/jobs/none", $"/api/v1/jobs/{new string('0', 32)}", $"/api/v1/jobs/{new string('0', 32)}/stream", "/x",
        })
        {
            Assert.Equal(HttpStatusCode.NotFound, await visitor.StatusAsync(address));
        }
    }

    [Fact]
    public async Task Without_the_setting_there_is_no_page()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        Assert.Null(spark.UiUri);
        Assert.Null(await spark.UiLinkAsync());
    }

    [Fact]
    public async Task Of_several_silos_of_a_program_the_first_one_has_the_page_and_knows_them_all()
    {
        await using var scene = await Scene.StartAsync(3);
        using var visitor = new Visitor(scene.Origin);
        await visitor.EnterAsync(scene.Spark);
        using var workers = JsonDocument.Parse(await visitor.TextAsync("/api/v1/workers"));
        Assert.Equal(3, workers.RootElement.GetArrayLength());
    }
}
