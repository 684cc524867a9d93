using Microsoft.Playwright;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>One Chromium for all tests: the system's own, no download.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser!;

    public async Task InitializeAsync()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        var places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var program = Environment.GetEnvironmentVariable("MICROSPARK_CHROMIUM")
            ?? names.SelectMany(name => places.Select(place => Path.Combine(place, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                "These tests drive Chromium. Install it, for example: sudo apt-get install chromium; or set MICROSPARK_CHROMIUM to its path.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            Headless = true,
            // As root and in containers its sandbox does not start; what is looked at is this repository's own page.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A window that nobody has let in yet.</summary>
    /// <param name="trusts">Whether it takes any certificate: a test changes nothing in the list of authorities of its host.</param>
    public async Task<Window> OpenAsync(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool trusts = false)
    {
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme, IgnoreHTTPSErrors = trusts });
        return new Window(context, await context.NewPageAsync());
    }
}

[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<BrowserFixture>
{
    public const string Name = "browser";
}
