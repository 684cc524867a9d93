using System.Text;
using MicroSpark.Engine;

namespace MicroSpark.Client;

/// <summary>For a screen: a bar for each stage that runs, drawn over in place and gone when the job is.</summary>
internal sealed class BarProgress(TextWriter output) : IProgressView
{
    /// <summary>A line of bars is at most this long; on a narrower screen it would wrap, and drawing over it would fail.</summary>
    public const int Columns = 76;

    private const int Width = 30;
    private const int MostBars = 8;
    private const string UpOneLine = "\e[1A";
    private const string ClearBelow = "\r\e[J";

    private string _shown = "";
    private int _drawn;

    public void Show(IReadOnlyCollection<JobProgress> jobs)
    {
        var stages = jobs.SelectMany(job => job.Stages).Where(stage => stage.TasksTotal > 0 && stage.TasksDone < stage.TasksTotal).Take(MostBars).ToArray();
        var bars = new StringBuilder();
        foreach (var stage in stages)
        {
            var filled = (int)((long)stage.TasksDone * Width / stage.TasksTotal);
            bars.Append($"{Name(stage),-24} {new string('━', filled)}{new string('╌', Width - filled)} {stage.TasksDone}/{stage.TasksTotal}\n");
        }

        var text = bars.ToString();
        if (text != _shown)
        {
            output.Write(Back() + text);
            output.Flush();
            (_shown, _drawn) = (text, stages.Length);
        }
    }

    public void Hide()
    {
        output.Write(Back());
        output.Flush();
        (_shown, _drawn) = ("", 0);
    }

    private static string Name(StageProgress stage) =>
        stage.Operator.Length <= 24 ? stage.Operator : stage.Operator[..23] + "…";

    private string Back() => _drawn == 0 ? "" : string.Concat(Enumerable.Repeat(UpOneLine, _drawn)) + ClearBelow;
}
