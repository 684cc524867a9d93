using System.Text;
using System.Text.Json;
using MicroSpark.Client.Output;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Ui;

namespace MicroSpark.Client.Events;

/// <summary>
/// An event log as one HTML file: the page itself, and what it would ask a cluster for. It opens from disk and may ask nobody for anything.
/// Modules do not load from disk, so they are data; the log's text is JSON in which no element can end.
/// </summary>
internal static class HistoryHtml
{
    /// <summary>The width at which the stream of tasks is drawn: several times a screen's, since nobody draws it anew when it is
    /// magnified.</summary>
    private const int Pixels = 16_000;

    /// <param name="values">Whether keys, texts of errors and the like are in it: for those who may see the log.</param>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static void Write(string path, JobHistory history, bool values = true)
    {
        var page = Encoding.UTF8.GetBytes(Of(history, values));
        try
        {
            // Keys and errors stand in it, as in the log: its owner alone reads a file that is made here.
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            file.Write(page);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--html {path}: {e.Message} Give a file in a folder that you may write to.", e);
        }
    }

    public static string Of(JobHistory history, bool values = true)
    {
        var style = Encoding.UTF8.GetString(UiAssets.Find("style.css")!.Content);
        var map = UiAssets.ImportMap(static file => AddressOf(UiAssets.Find(file)!));
        var policy = $"default-src 'none'; script-src data: '{UiAssets.HashOf(map)}'; style-src '{UiAssets.HashOf(style)}'; img-src data:; "
            + "connect-src 'none'; base-uri 'none'; form-action 'none'";
        return UiAssets.Fill(
            $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">", $"<style>{style}</style>", map,
            $"<script type=\"application/json\" id=\"recorded\">{Encoding.UTF8.GetString(Answers(history, values))}</script>"
            + $"<script type=\"module\" src=\"{AddressOf(UiAssets.Find("start.js")!)}\"></script>");
    }

    /// <summary>What the page asks for, by its address.</summary>
    private static byte[] Answers(JobHistory history, bool values)
    {
        var slots = Math.Max(1, history.Workers.Values.Sum(static worker => worker.Slots));
        var recordings = history.Jobs.Select(RecordedFigures.Of).ToArray();
        var last = recordings.Select(static one => one.Summary!.Ended ?? one.Summary.Started).DefaultIfEmpty(DateTimeOffset.UnixEpoch)
            .Max();
        var details = recordings.Select(one => JobFigures.Of(one, last, slots, values)).ToArray();
        var cluster = new ClusterShape(
            last.ToUnixTimeMilliseconds(),
            [.. history.Workers.Values.Select(static worker => new WorkerShape(
                worker.Worker, worker.Name, worker.Address, worker.Slots, 0, 0, 0, worker.MemoryBudget, 0, 0, 0, [], []))],
            new TimelineShape(0, [], [], [], [], [], []), [.. details.Select(static one => one.Job).Reverse()]);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            Add(json, "/api/v1/cluster", cluster);
            Add(json, "/api/v1/advice", details.SelectMany(static one => one.Advice).ToArray());
            for (var i = 0; i < details.Length; i++)
            {
                var path = $"/api/v1/jobs/{details[i].Job.Id}";
                Add(json, path, details[i]);
                Add(json, path + "/stream", TaskStream.Of(recordings[i], 0, 0, Pixels));
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void Add<T>(Utf8JsonWriter json, string name, T shape)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(UiJson.Of(shape));
    }

    private static string AddressOf(Asset asset) => $"data:text/javascript;base64,{Convert.ToBase64String(asset.Content)}";
}
