using System.Net;
using System.Text.Json;

namespace MicroSpark.Tests.Workers;

/// <summary>Somebody with a link to a worker's page.</summary>
internal sealed class PageVisitor : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _link;

    private PageVisitor(Uri link, HttpMessageHandler? handler)
    {
        _link = link;
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(link, "/") };
    }

    /// <summary>The cookie that the link was changed for, with what the browser is told of it.</summary>
    public string Cookie { get; private set; } = "";

    public static async Task<PageVisitor> EnterAsync(Uri link, HttpMessageHandler? handler = null)
    {
        var visitor = new PageVisitor(link, handler);
        using var answer = await visitor._http.GetAsync(link);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        visitor.Cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        return visitor;
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var document = JsonDocument.Parse(await GetAsync(path));
        return document.RootElement.Clone();
    }

    /// <summary>The first event of the feed, which has all.</summary>
    public async Task<string> EventAsync()
    {
        await using var events = EventsAsync().GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        return events.Current;
    }

    /// <summary>The feed, event by event.</summary>
    public async IAsyncEnumerable<string> EventsAsync()
    {
        await using var stream = await _http.GetStreamAsync("/api/v1/events");
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }

    /// <summary>Asks for a change as the page does.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PostAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("Origin", _link.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("microspark-page", "1");
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Everything that the page of a cluster with one worker tells, by its address.</summary>
    public async Task<Dictionary<string, string>> AllAsync()
    {
        var told = new Dictionary<string, string> { ["events"] = await EventAsync() };
        var worker = (await JsonAsync("/api/v1/workers"))[0].GetProperty("id").GetString()!;
        foreach (var path in (string[])
            ["session", "cluster", "jobs", "workers", "datasets", "advice", $"workers/{Uri.EscapeDataString(worker)}/lines"])
        {
            told.Add(path, await GetAsync($"/api/v1/{path}"));
        }

        foreach (var job in (await JsonAsync("/api/v1/jobs")).EnumerateArray().Select(static job => job.GetProperty("id").GetString()!))
        {
            told.Add($"jobs/{job}", await GetAsync($"/api/v1/jobs/{job}"));
            told.Add($"jobs/{job}/stream", await GetAsync($"/api/v1/jobs/{job}/stream"));
        }

        return told;
    }

    public void Dispose() => _http.Dispose();
}
