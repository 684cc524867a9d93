using System.Text;
using MicroSpark.Grains.Contracts;
using MicroSpark.Grains.Figures;
using MicroSpark.Grains.History;
using MicroSpark.Grains.Security;
using MicroSpark.Grains.Ui;
using MicroSpark.Model;
using MicroSpark.Plans;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Figures;

/// <summary>What others are shown of a job has no value in it, wherever it stands.</summary>
public sealed class WithheldTests
{
    private const string Marker = "sesame";

    /// <summary>Texts that anybody may see who may look: names, states, places and what the engine itself says.</summary>
    private static readonly string[] s_open =
    [
        "AdviceShape.Job", "AdviceShape.JobName", "AdviceShape.Kind", "AdviceShape.Source", "AdviceShape.Text", "AdviceShape.Title",
        "ClusterChange.Gone", "DatasetShape.Level", "DatasetShape.Lineage", "DatasetShape.Name", "FailureShape.Line",
        "FailureShape.Operator", "FailureShape.Worker", "JobShape.Group", "JobShape.Id", "JobShape.Name", "JobShape.Owner",
        "JobShape.State", "JobShape.Waits", "LineShape.Job", "LineShape.Level", "NoteShape.Result", "NoteShape.Then", "NoteShape.Worker",
        "PartShape.Worker", "SlowestShape.Worker", "StageShape.CapturedAt", "StageShape.Feeds", "StageShape.Kind", "StageShape.Line",
        "StageShape.Name", "StageShape.Operator", "StageShape.Operators", "StageShape.Output", "StageShape.Parents",
        "StageShape.Sources", "StageShape.State", "StreamRow.Worker", "StreamShape.Stages", "TaskShape.Result", "TaskShape.Worker",
        "WorkerShape.Address", "WorkerShape.Id", "WorkerShape.Name",
    ];

    /// <summary>Texts that are for the job's owner and admins; of datasets for the holder.</summary>
    private static readonly string[] s_withheld =
    [
        "DatasetShape.Holders", "FailureShape.Error", "FailureShape.Stack", "JobShape.Error", "KeyShape.Key", "LineShape.Category", "LineShape.Text",
        "NoteShape.Reason",
    ];

    private static readonly JobId s_job = new(new Guid(1, 2, 3, new byte[8]));
    private static readonly LineageId s_output = new(1, 2);

    [Theory]
    [InlineData("ann", "(for ann, whose job it is, and admins)")]
    [InlineData(null, "(for admins and who has the cluster's own secret)")]
    public void A_job_for_others_says_who_may_see_what_is_not_there(string? owner, string sentence)
    {
        var own = JobFigures.Of(Recording(owner), DateTimeOffset.UnixEpoch, 2);
        Assert.True(own.Job.Own);
        Assert.Equal(6, Encoding.UTF8.GetString(UiJson.Of(own)).Split(Marker).Length - 1);

        var others = JobFigures.Of(Recording(owner), DateTimeOffset.UnixEpoch, 2, own: false);
        Assert.DoesNotContain(Marker, Encoding.UTF8.GetString(UiJson.Of(others)), StringComparison.OrdinalIgnoreCase);
        Assert.Equal((false, sentence, owner), (others.Job.Own, others.Job.Error, others.Job.Owner));
        Assert.Equal((sentence, null), (Assert.Single(others.Failures).Error, others.Failures[0].Stack));
        Assert.Equal(sentence, Assert.Single(others.Notes).Reason);
        Assert.Equal(new KeyShape(sentence, 2, 4000, Withheld: true), Assert.Single(others.Stages).HeaviestKey);
        Assert.Contains($"One key {sentence} alone has 4,000 values.", others.Advice[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_did_not_fail_has_nothing_to_withhold()
    {
        var shape = JobFigures.Of(Summary("ann") with { Phase = JobPhase.Succeeded, Error = null }, DateTimeOffset.UnixEpoch);
        Assert.Equal(shape with { Own = false }, shape.ForOthers());
    }

    [Fact]
    public void What_is_told_of_a_change_has_no_more_than_the_whole()
    {
        var (before, now) = (Cluster(Summary("ann") with { Phase = JobPhase.Running, Error = null }), Cluster(Summary("ann"), Summary("bob")));
        var ann = Viewer.Of(new Principal("ann", Rights.Read | Rights.Submit), control: false);
        Assert.Equal([Marker, Withheld.From("bob")], now.For(ann.Look).Jobs.Select(static job => job.Error));
        Assert.Equal(now.For(ann.Look).Jobs, ClusterChange.Of(before, now)!.For(ann.Look).Jobs);

        static ClusterShape Cluster(params JobSummary[] jobs) => new(
            0, [], new TimelineShape(0, [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]),
            [.. jobs.Select((job, i) => JobFigures.Of(job with { Job = new JobId(new Guid(i, 2, 3, new byte[8])) }, DateTimeOffset.UnixEpoch))]);
    }

    [Fact]
    public void A_line_for_others_has_neither_its_text_nor_its_logger()
    {
        var line = new LineShape(1, "j", 2, 3, 4, "warning", Marker, Marker).ForOthers("ann");
        Assert.Equal(new LineShape(1, "j", 2, 3, 4, "warning", null, Withheld.From("ann")), line);
    }

    /// <summary>A text that comes to the page later is put into one of the lists, and withheld where it is a value.</summary>
    [Fact]
    public void Each_text_that_the_page_has_is_open_or_withheld() => Assert.Equal(
        [.. s_open.Concat(s_withheld).Order(StringComparer.Ordinal)],
        typeof(JobShape).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(JobShape).Namespace && type.GetMethod("<Clone>$") is not null)
            .SelectMany(static type => type.GetProperties().Where(static one => one.PropertyType == typeof(string) || one.PropertyType == typeof(string[]))
                .Select(one => $"{type.Name}.{one.Name}"))
            .Order(StringComparer.Ordinal));

    private static JobSummary Summary(string? owner) => new(
        s_job, default, "CountAsync", null, 1, 1, JobPhase.Failed, 1, 1, 4, 4, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, Marker, default,
        Owner: owner);

    private static JobRecording Recording(string? owner)
    {
        var recording = new JobRecording(s_job) { Summary = Summary(owner) };
        recording.Learn([new StageOutline(0, s_output, "Map", OutputKind.Result, 4, [], ["Map"], ["Program.cs:12"])]);
        for (var i = 0; i < 4; i++)
        {
            var task = new TaskSpan(
                i, default, 0, DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(i == 2 ? 9 : 0.1), TaskEnd.Succeeded, 1, 1, default, null, false,
                i == 2 ? Marker : null, i == 2 ? 4000 : 0);
            recording.Add(new WorkerId("w"), [(s_output, task)]);
        }

        var failed = new TaskSpan(1, default, 0, DateTimeOffset.UnixEpoch, default, TaskEnd.Failed, 0, 0, default, Marker, false);
        var stage = new SpanStage(s_job, default, s_output, 0, OutputKind.Result, "Map", 4);
        recording.Failures.Add((new WorkerId("w"), new TaskTrouble(stage, failed, "Map", Marker)));
        recording.Notes.Add((s_output, new TaskNote(DateTimeOffset.UnixEpoch, 1, 0, null, TaskEnd.Failed, Again: true, Marker)));
        return recording;
    }
}
