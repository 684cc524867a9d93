using MicroSpark.Client;
using MicroSpark.Engine;

namespace MicroSpark.Tests.Output;

/// <summary>Progress is silent for what is quick, says nothing twice, and is gone before results are written.</summary>
public sealed class ProgressTests
{
    private static readonly JobId s_job = JobId.New();
    private readonly ManualTime _time = new();
    private readonly Recorder _view = new();

    [Fact]
    public void Nothing_is_shown_of_a_job_under_300_ms()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(299));
        watch.Report(At(4, ended: true));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.All(_view.Shown, jobs => Assert.Equal(0, jobs));
    }

    [Fact]
    public void A_longer_job_is_shown_without_further_news_of_it()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(400));

        Assert.Equal(1, _view.Shown[^1]);
    }

    [Fact]
    public void Once_hidden_it_stays_hidden()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(400));
        watch.Hide();
        _view.Shown.Clear();
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(_view.Shown);
        Assert.Equal(1, _view.Hidden);
    }

    [Fact]
    public void The_summary_counts_what_ended()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(0));
        _time.Advance(TimeSpan.FromMilliseconds(1250));
        watch.Report(At(4, ended: true));

        Assert.Equal("1 job, 1 stage, 4 tasks in 1.25 s", watch.Summary());
    }

    [Fact]
    public void A_quick_command_has_no_summary()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(4, ended: true));

        Assert.Null(watch.Summary());
    }

    [Fact]
    public void Plain_lines_come_a_quarter_at_a_time()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var view = new PlainProgress(output);
        foreach (var done in new[] { 0, 1, 1, 3, 4, 4 })
        {
            view.Show([At(done)]);
        }

        Assert.Equal(
            "CountAsync stage 3 ReduceByKey: 1/4 tasks\nCountAsync stage 3 ReduceByKey: 3/4 tasks\nCountAsync stage 3 ReduceByKey: 4/4 tasks\n",
            output.ToString());
    }

    [Fact]
    public void Bars_are_drawn_over_in_place_and_taken_back()
    {
        using var output = new StringWriter();
        var view = new BarProgress(output);
        view.Show([At(2)]);
        var bar = output.ToString();
        view.Show([At(2)]);
        view.Show([At(3)]);
        view.Hide();

        Assert.Matches("^ReduceByKey +━{15}╌{15} 2/4\n$", bar);
        Assert.Matches("^\e\\[1A\r\e\\[JReduceByKey +━{22}╌{8} 3/4\n\e\\[1A\r\e\\[J$", output.ToString()[bar.Length..]);
    }

    private static JobProgress At(int done, bool ended = false) => new(s_job, "CountAsync", ended, [new StageProgress(3, "ReduceByKey", done, 4)]);

    private sealed class Recorder : IProgressView
    {
        public List<int> Shown { get; } = [];

        public int Hidden { get; private set; }

        public void Show(IReadOnlyCollection<JobProgress> jobs) => Shown.Add(jobs.Count);

        public void Hide() => Hidden++;
    }
}
