using System.Text;
using MicroSpark.Tasks;

namespace MicroSpark.Client.Output;

/// <summary>For a screen: a line for each stage that runs and each job that waits, drawn over in place and gone when the job is.</summary>
internal sealed class BarProgress(TextWriter output) : IProgressView
{
    /// <summary>A line is at most this long; on a narrower screen it would wrap, and drawing over it would fail.</summary>
    public const int Columns = 79;

    private const int NameWidth = 15;
    private const int BarWidth = 12;
    private const int MostBars = 8;
    private const string UpOneLine = "\e[1A";
    private const string ClearBelow = "\r\e[J";

    private string _shown = "";
    private int _drawn;

    public void Show(IReadOnlyCollection<StageLine> stages, IReadOnlyCollection<JobProgress> queued)
    {
        var running = stages.Where(line => line.Stage.TasksDone < line.Stage.TasksTotal && line.Stage.TasksDone + line.Stage.Running > 0)
            .Take(MostBars).ToArray();
        var bars = new StringBuilder();
        foreach (var line in running)
        {
            var stage = line.Stage;
            var filled = (int)((long)stage.TasksDone * BarWidth / stage.TasksTotal);
            var text =
                $"{Cut(stage.Operator, NameWidth).PadRight(NameWidth)} {new string('━', filled)}{new string('╌', BarWidth - filled)} "
                + $"{stage.TasksDone}/{stage.TasksTotal}  {line.Details()}";
            bars.Append(Cut(text.TrimEnd(), Columns)).Append('\n');
        }

        var waiting = queued.Take(MostBars - running.Length).ToArray();
        foreach (var job in waiting)
        {
            bars.Append(Cut($"{Cut(job.Name, NameWidth).PadRight(NameWidth)} {WaitsFor(job)}", Columns)).Append('\n');
        }

        var lines = bars.ToString();
        if (lines != _shown)
        {
            output.Write(Back() + lines);
            output.Flush();
            (_shown, _drawn) = (lines, running.Length + waiting.Length);
        }
    }

    public void Hide()
    {
        output.Write(Back());
        output.Flush();
        (_shown, _drawn) = ("", 0);
    }

    private static string WaitsFor(JobProgress job) => job.NoWorker ? "waits for a worker: none answers" : "waits for slots";

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private string Back() => _drawn == 0 ? "" : string.Concat(Enumerable.Repeat(UpOneLine, _drawn)) + ClearBelow;
}
