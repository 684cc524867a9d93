using MicroSpark.Client.Output;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Output;

/// <summary>Progress is silent for what is quick, says nothing twice, and is gone before results are written.</summary>
public sealed class ProgressTests
{
    private static readonly JobId s_job = JobId.New();
    private static readonly LineageId s_output = LineageId.Parse(new string('a', 64));
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

        Assert.All(_view.Shown, Assert.Empty);
    }

    [Fact]
    public void A_longer_job_is_shown_without_further_news_of_it()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(400));

        Assert.Equal("ReduceByKey", Assert.Single(_view.Shown[^1]).Stage.Operator);
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

    /// <summary>Nothing was said of it for a minute, and then the job failed.</summary>
    [Fact]
    public void A_job_that_no_worker_answers_says_so()
    {
        using var output = new StringWriter();
        using var watch = new ProgressWatch(new PlainProgress(output), _time);
        watch.Report(At(1) with { NoWorker = true });
        _time.Advance(TimeSpan.FromMilliseconds(400));
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(400));

        Assert.Contains($"waits for a worker: none answers (job {s_job})", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_counts_what_ended()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(0));
        _time.Advance(TimeSpan.FromMilliseconds(1250));
        watch.Report(At(4, ended: true));

        Assert.Equal("1 job, 1 stage, 4 tasks in 1.25 s; 3.00 MB shuffled, 512 B fetched, 1.00 KB spilled, 2 retries", watch.Summary());
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
            view.Show([Line(done)], []);
        }

        Assert.Equal(
            """
            CountAsync stage 3 ReduceByKey: 1/4 tasks, 1 running, 0.5/s, 3.00 MB shuffled, 0:06 left
            CountAsync stage 3 ReduceByKey: 3/4 tasks, 1 running, 1.5/s, 3.00 MB shuffled, 0:01 left
            CountAsync stage 3 ReduceByKey: 4/4 tasks, 2/s, 3.00 MB shuffled

            """.ReplaceLineEndings("\n"),
            output.ToString());
    }

    [Fact]
    public void Bars_are_drawn_over_in_place_and_taken_back()
    {
        using var output = new StringWriter();
        var view = new BarProgress(output);
        view.Show([Line(2)], []);
        var bar = output.ToString();
        view.Show([Line(2)], []);
        view.Show([Line(3)], []);
        view.Hide();

        Assert.Matches("^ReduceByKey +━{6}╌{6} 2/4  1 running, 1/s, 3.00 MB shuffled, 0:02 left\n$", bar);
        Assert.Matches("^\e\\[1A\r\e\\[JReduceByKey +━{9}╌{3} 3/4  1 running, 1.5/s, 3.00 MB shuffled, 0:01 left\n\e\\[1A\r\e\\[J$", output.ToString()[bar.Length..]);
    }

    [Fact]
    public void A_line_is_never_longer_than_the_narrowest_screen()
    {
        using var output = new StringWriter();
        var stage = new StageProgress(s_output, 3, "RepartitionAndSortWithinPartitions", 12_345, 100_000, new TaskTraffic(0, 0, 0, 123L << 30, 0)) { Running = 128 };
        new BarProgress(output).Show([new StageLine(s_job, "CountAsync", stage, 12_345.6, TimeSpan.FromHours(30))], []);

        Assert.Equal(BarProgress.Columns, output.ToString().TrimEnd('\n').Length);
    }

    [Fact]
    public void The_rate_counts_from_when_the_stage_was_first_seen()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(2));
        _time.Advance(TimeSpan.FromSeconds(2));
        watch.Report(At(3));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        var line = Assert.Single(_view.Shown[^1]);

        Assert.Equal(1 / 2.1, line.Rate!.Value, 6);
        Assert.Equal(2.1, line.Left!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void What_is_written_between_is_not_drawn_over()
    {
        using var output = new StringWriter();
        using var watch = new ProgressWatch(new BarProgress(output), _time);
        watch.Report(At(2));
        _time.Advance(TimeSpan.FromMilliseconds(400));
        watch.Between(() => output.Write("told\n"));
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Matches("\e\\[1A\r\e\\[Jtold\nReduceByKey[^\n]*\n$", output.ToString());
    }

    [Fact]
    public void A_job_of_which_no_task_has_begun_waits_for_slots()
    {
        using var watch = new ProgressWatch(_view, _time);
        watch.Report(At(0));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Empty(_view.Queued[^1]);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(s_job, Assert.Single(_view.Queued[^1]).Job);
        watch.Report(At(1));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Empty(_view.Queued[^1]);
    }

    [Fact]
    public void A_waiting_job_has_a_line_in_the_log_once_and_a_line_on_the_screen_while_it_waits()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var log = new PlainProgress(output);
        log.Show([], [At(0)]);
        log.Show([], [At(0)]);
        Assert.Equal($"CountAsync waits for slots (job {s_job})\n", output.ToString());

        output.GetStringBuilder().Clear();
        var bars = new BarProgress(output);
        bars.Show([], [At(0)]);
        bars.Show([Line(2)], []);
        Assert.Matches("^CountAsync      waits for slots\n\e\\[1A\r\e\\[JReduceByKey [^\n]*\n$", output.ToString());
    }

    /// <summary>What a thread of the clock throws ends the process.</summary>
    [Fact]
    public void A_log_that_cannot_be_written_is_written_no_more()
    {
        using var watch = new ProgressWatch(_view, _time);
        _view.Fails = true;
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(_view.Shown);
    }

    private static JobProgress At(int done, bool ended = false) => new(s_job, "CountAsync", ended, [Stage(done)]);

    private static StageProgress Stage(int done) => new(s_output, 3, "ReduceByKey", done, 4, new TaskTraffic(1, 2, 512, 3 << 20, 1024))
    {
        Running = done is > 0 and < 4 ? 1 : 0,
        Retries = 2,
    };

    private static StageLine Line(int done) => new(s_job, "CountAsync", Stage(done), done == 0 ? null : done / 2.0, done == 0 ? null : TimeSpan.FromSeconds((4 - done) * 2.0 / done));

    private sealed class Recorder : IProgressView
    {
        public List<IReadOnlyCollection<StageLine>> Shown { get; } = [];

        public int Hidden { get; private set; }

        public List<IReadOnlyCollection<JobProgress>> Queued { get; } = [];

        public bool Fails { get; set; }

        public void Show(IReadOnlyCollection<StageLine> stages, IReadOnlyCollection<JobProgress> queued)
        {
            Shown.Add(stages);
            Queued.Add(queued);
            if (Fails)
            {
                throw new IOException("No space left on device");
            }
        }

        public void Hide() => Hidden++;
    }
}
