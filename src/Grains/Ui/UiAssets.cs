using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace MicroSpark.Grains.Ui;

/// <summary>The page's files, which are part of this assembly: no build step, and no request leaves the host.</summary>
internal static class UiAssets
{
    private const string Prefix = "MicroSpark.Ui.";

    /// <summary>
    /// What a module is imported by, and its file. A page served has an import map with their addresses; the one that is a single file has
    /// them as data.
    /// </summary>
    public static IReadOnlyList<(string Specifier, string File)> Modules { get; } =
    [
        ("preact", "preact.mjs"), ("preact/hooks", "hooks.mjs"), ("htm", "htm.mjs"), ("dagre", "dagre.esm.js"),
        ("ui/html", "html.js"), ("ui/format", "format.js"), ("ui/feed", "feed.js"), ("ui/parts", "parts.js"), ("ui/charts", "charts.js"),
        ("ui/graph", "graph.js"), ("ui/stream", "stream.js"), ("ui/overview", "overview.js"), ("ui/job", "job.js"),
        ("ui/lists", "lists.js"), ("ui/app", "app.js"),
    ];

    private static readonly Dictionary<string, Asset> s_files = Load();

    /// <summary>
    /// The page: its import map is its only inline script. Its addresses are relative, since it may stand below a path of somebody's
    /// application.
    /// </summary>
    public static Asset Page { get; } = MakePage();

    /// <summary>Lets the page's own files in, and its import map by its hash; nothing else.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; script-src 'self' '{HashOf(ImportMap(static file => "./assets/" + file))}'; style-src 'self'; img-src 'self' "
        + "data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Null when there is no such file.</summary>
    public static Asset? Find(string name) => s_files.GetValueOrDefault(name);

    public static string ImportMap(Func<string, string> address) =>
        "{\"imports\":{" + string.Join(',', Modules.Select(module => $"\"{module.Specifier}\":\"{address(module.File)}\"")) + "}}";

    /// <summary>A script's hash as a policy names it.</summary>
    public static string HashOf(string script) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));

    /// <summary>The page's HTML with parts put where it has their names.</summary>
    public static string Fill(string policy, string style, string map, string start) =>
        Encoding.UTF8.GetString(s_files["index.html"].Content)
            .Replace("<!--policy-->", policy, StringComparison.Ordinal)
            .Replace("<!--style-->", style, StringComparison.Ordinal)
            .Replace("<!--modules-->", $"<script type=\"importmap\">{map}</script>", StringComparison.Ordinal)
            .Replace("<!--start-->", start, StringComparison.Ordinal);

    private static Asset MakePage() => new(
        Encoding.UTF8.GetBytes(Fill(
            "", "<link rel=\"stylesheet\" href=\"./assets/style.css\">", ImportMap(static file => "./assets/" + file),
            "<script type=\"module\" src=\"./assets/start.js\"></script>")),
        "text/html; charset=utf-8");

    private static Dictionary<string, Asset> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            files.Add(name[Prefix.Length..], new Asset(content, TypeOf(name)));
        }

        return files;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".html" => "text/html; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}

/// <summary>A file of the page.</summary>
internal sealed class Asset(byte[] content, string type)
{
    public byte[] Content => content;

    public string Type => type;

    /// <summary>Changes with the content: a browser asks whether it has it.</summary>
    public string Tag { get; } = $"\"{Convert.ToHexString(SHA256.HashData(content).AsSpan(0, 8))}\"";
}
