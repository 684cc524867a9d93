using System.Net;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>Who talks to the page's server without a browser, and so may say what a browser never would.</summary>
public sealed class Visitor(string origin) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(origin) };

    public string? Cookie { get; set; }

    public async Task EnterAsync(MicroSparkContext spark, bool control = true)
    {
        using var answer = await AskAsync((await spark.UiLinkAsync(control))!.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie")).Split(';')[0];
    }

    public async Task<HttpResponseMessage> AskAsync(string path, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", Cookie);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _http.SendAsync(request);
    }

    public async Task<HttpStatusCode> StatusAsync(string path, HttpMethod? method = null, params (string Name, string Value)[] headers)
    {
        using var answer = await AskAsync(path, method, headers);
        return answer.StatusCode;
    }

    public async Task<string> TextAsync(string path)
    {
        using var answer = await AskAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    public void Dispose() => _http.Dispose();
}
