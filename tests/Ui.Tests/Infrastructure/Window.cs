using Microsoft.Playwright;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>A window that notes what a good page never does: errors, and requests to other hosts.</summary>
public sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];
    private readonly List<string> _requests = [];

    public Window(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.SetDefaultTimeout(30_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Note(_faults, $"{message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => Note(_faults, error);
        page.Response += (_, response) =>
        {
            if (!response.Ok)
            {
                Note(_faults, $"{response.Status} of {response.Url}");
            }
        };
        page.Request += (_, request) => Note(_requests, request.Url);
    }

    public IPage Page { get; }

    /// <summary>Enters by a fresh link and goes to a view.</summary>
    public async Task EnterAsync(MicroSparkContext spark, string view = "", bool control = true) =>
        await EnterAsync((await spark.UiLinkAsync(control))!.ToString(), view);

    public async Task EnterAsync(string link, string view)
    {
        await Page.GotoAsync(link);
        await Page.WaitForSelectorAsync("main");
        if (view.Length > 0)
        {
            await GoAsync(view);
        }
    }

    public async Task GoAsync(string view)
    {
        await Page.EvaluateAsync("view => { location.hash = '#/' + view; }", view);
        await Page.WaitForSelectorAsync("main h1");
    }

    public Task<string> TextAsync(string selector = "main") => Page.InnerTextAsync(selector);

    /// <summary>Waits until an expression of the page is true.</summary>
    public Task UntilAsync(string expression, object? argument = null) => Page.WaitForFunctionAsync(expression, argument);

    /// <summary>No error, and no request but to where the page is from.</summary>
    public void AssertClean(string origin)
    {
        lock (_faults)
        {
            Assert.True(_faults.Count == 0, string.Join('\n', _faults));
        }

        lock (_requests)
        {
            Assert.All(_requests, request => Assert.True(
                request.StartsWith(origin, StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal), request));
        }
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static void Note(List<string> list, string text)
    {
        lock (list)
        {
            list.Add(text);
        }
    }
}
