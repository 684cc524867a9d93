using MicroSpark.Client.Events;
using MicroSpark.Driver.Events;
using MicroSpark.Tasks;

namespace MicroSpark.Tests.Events;

/// <summary>The event log says of a job what was so, and never harms it.</summary>
public sealed class EventLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Errors quote keys and values of the job's data.</summary>
    [Fact]
    public void Only_its_owner_can_read_a_log_that_is_made()
    {
        var path = _folder.File("events.jsonl");
        EventLogFile.Open(path, TextWriter.Null).Dispose();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData(Isolation.Process)]
    [InlineData(Isolation.Simulated)]
    public async Task A_job_with_retries_is_read_back_as_it_ran(Isolation isolation)
    {
        var path = _folder.File("events.jsonl");
        var live = new JobHistory();
        JobInfo[] jobs;
        RddInfo kept;
        JobProgress? ended = null;
        LineageId output;
        await using (var spark = await MicroSparkContext.StartLocalAsync(2, options => (options.Slots, options.Retry.MaxTaskFailures, options.Isolation) = (1, 3, isolation)))
        {
            using var log = EventLogFile.Open(path, TextWriter.Null);
            spark.Happened += live.Add;
            spark.Happened += log.Write;
            spark.Progress += progress => ended = progress.Ended && ended is null ? progress : ended;
            var pairs = spark.Parallelize(Enumerable.Range(0, 1000), 4).Map(n =>
            {
                var context = TaskContext.Current!;
                return context.PartitionIndex == 2 && context.AttemptNumber < 2 ? throw new InvalidDataException("not yet") : (n % 10, n);
            }).Cache();
            var sums = pairs.ReduceByKey((a, b) => a + b, 3);
            Assert.Equal(10, await sums.CountAsync());
            Assert.Equal(499_500, (await sums.CollectAsync()).Sum(pair => pair.Item2));
            output = pairs.Lineage;
            jobs = [.. (await spark.JobsAsync()).Reverse()];
            kept = Assert.Single(await spark.PersistentRddsAsync());
        }

        var read = JobHistory.Read(path);
        Assert.Equal(0, read.Unreadable + read.Missed);
        Assert.Equal(2, read.Workers.Count);

        // As it was told live, to the tick and the byte.
        Assert.Equal(Report(live), Report(read));
        Assert.Equal(live.Jobs.SelectMany(job => job.Stages).SelectMany(stage => stage.Tasks), read.Jobs.SelectMany(job => job.Stages).SelectMany(stage => stage.Tasks));

        // As the cluster lists it.
        Assert.Equal(jobs.Select(job => (job.Id, job.Name, job.Duration, job.StagesTotal, job.TasksTotal)), read.Jobs.Select(job => (
            job.Start.Job, job.Start.Name, job.End!.Took, job.Stages.Count(stage => stage.Completed > 0), job.Stages.Sum(stage => stage.Completed ?? 0))));

        // As progress summed it up.
        Assert.Equal([(6, 2, 4), (4, 0, 4), (3, 0, 3)], ended!.Stages.Select(stage => (stage.Attempts, stage.Retries, stage.TasksDone)));
        Assert.All(ended.Stages, stage => Assert.Equal(0, stage.Running));
        Assert.Equal(read.Jobs[0].Stages.Select(stage => stage.Traffic), ended.Stages.Select(stage => stage.Traffic));

        // As the program is known to have run: one partition failed twice, the second job found the shuffle's output there.
        var stages = read.Jobs[0].Stages.ToArray();
        Assert.Equal(["Persisted", "Shuffle", "Result"], stages.Select(stage => stage.Plan.Kind.ToString()));
        Assert.Equal(output, stages[0].Plan.Output);
        Assert.Equal([[], [output], [stages[1].Plan.Output]], stages.Select(stage => stage.Plan.Parents));
        Assert.Equal([(4, 2, 2, 1000L), (4, 0, 0, 40L), (3, 0, 0, 3L)], stages.Select(stage => (
            stage.Succeeded.Count(), stage.Failures, stage.Retries, stage.Succeeded.Sum(run => run.Records))));
        Assert.Equal([0, 1], stages[0].Tasks.Where(task => task.Run.End == TaskEnd.Failed).Select(task => task.Run.Attempt).Order());
        Assert.Equal([(2, 0), (2, 1)], stages[0].Notes.Select(note => (note.Partition!.Value, note.Attempt!.Value)));
        Assert.Contains("\nWhy tasks were tried again\n", Report(read).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.All(stages[0].Tasks.Where(task => task.Run.Error is not null), task => Assert.Equal("System.IO.InvalidDataException: not yet", task.Run.Error));
        Assert.Equal(kept.MemoryBytes, stages[0].Succeeded.Sum(run => run.Bytes));
        Assert.Equal([4, 4, 0], read.Jobs[1].Stages.Select(stage => stage.Reused));
        Assert.Equal([0, 0, 3], read.Jobs[1].Stages.Select(stage => stage.Succeeded.Count()));
        Assert.All(read.Jobs, job => Assert.All(job.Stages.SelectMany(stage => stage.Tasks), task => Assert.True(task.Run.Started >= job.Start.Time && task.Run.Took <= job.End!.Took)));
        Assert.Equal(stages[1].Traffic.ShuffleWritten, stages[1].Succeeded.Sum(run => run.Bytes));
        Assert.Equal(isolation == Isolation.Simulated, stages[2].Traffic.RemoteRead > 0);
    }

    [Fact]
    public async Task Blocks_that_memory_has_no_room_for_are_in_the_log()
    {
        var history = new JobHistory();
        var moves = new List<EngineEvent.BlockMoved>();
        await using var spark = await MicroSparkContext.StartLocalAsync(1, options => (options.Slots, options.MemoryBudget) = (1, "16MB"));
        spark.Happened += history.Add;
        spark.Happened += one => moves.AddRange(new[] { one }.OfType<EngineEvent.BlockMoved>());
        var numbers = spark.Range(0, 4_000_000, 1, 8).Persist(StorageLevel.MemoryAndDisk);
        Assert.Equal(4_000_000, await numbers.CountAsync());
        Assert.Equal(0, await numbers.MinAsync());

        Assert.NotEmpty(moves);
        Assert.Equal((moves.Sum(move => move.Bytes), 0), (history.BytesToDisk, history.BytesDropped));
        Assert.All(moves, move => Assert.True(move is { ToDisk: true, Partition: not null } && move.Output == numbers.Lineage && move.Bytes > 0));
    }

    [Fact]
    public async Task A_job_that_a_shell_submits_and_awaits_in_another_line_is_in_its_log()
    {
        var path = _folder.File("events.jsonl");
        var run = await ConsoleRun.WithInputAsync(
            """
            var job = await spark.SubmitAsync(() => spark.Range(0, 100, 1, 4).Map(n => (n % 3, n)).ReduceByKey((a, b) => a + b).CountAsync());
            Enumerable.Range(0, 3).Sum()
            await job.ResultAsync()
            """,
            "shell", "--event-log", path);

        Assert.Equal(("3\n3\n", 0), (run.Out.ReplaceLineEndings("\n"), run.ExitCode));
        var job = Assert.Single(JobHistory.Read(path).Jobs);
        Assert.Equal(JobState.Succeeded, job.End!.State);
        Assert.Equal([4, 4, 1], job.Stages.Select(stage => stage.Succeeded.Count()));
    }

    [Fact]
    public async Task A_failed_and_a_cancelled_job_have_their_ends()
    {
        var history = new JobHistory();
        await using var spark = await MicroSparkContext.StartLocalAsync();
        spark.Happened += history.Add;
        await Assert.ThrowsAsync<JobFailedException>(() => spark.Range(10).Map(n => n == 7 ? throw new InvalidDataException("seven") : n).CountAsync());
        using var cancel = new CancellationTokenSource();
        spark.Happened += one => Task.Run(one is EngineEvent.JobStarted ? cancel.Cancel : () => { });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => spark.Range(1L << 50).Map(n => n + 1).CountAsync(cancel.Token));

        Assert.Equal([JobState.Failed, JobState.Cancelled], history.Jobs.Select(job => job.End!.State));
        Assert.Contains("seven", history.Jobs[0].End!.Error);
    }

    [Fact]
    public void A_full_disk_ends_the_log_with_one_sentence()
    {
        using var said = new StringWriter();
        using (var log = EventLogFile.Of(new FullDisk(300), "some.jsonl", said))
        {
            for (var i = 0; i < 100; i++)
            {
                log.Write(new EngineEvent.WorkerLost(DateTimeOffset.UnixEpoch, "worker"));
            }
        }

        Assert.Equal("The event log some.jsonl ends here: No space left. The jobs go on without it. Make room, or give --event-log a file on another disk.", said.ToString().TrimEnd());
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_refused_before_anything_starts()
    {
        var run = await ConsoleRun.OfAsync("run", "pi", "--event-log", Path.Combine(_folder.File("missing"), "events.jsonl"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("Give a file in a folder that you may write to.", run.Error);
    }

    [Fact]
    public async Task What_a_killed_writer_left_is_read_up_to_there()
    {
        var path = _folder.File("events.jsonl");
        Assert.Equal(0, (await ConsoleRun.OfAsync("run", "pi", "4", "--event-log", path)).ExitCode);
        File.AppendAllText(path, """{"event":"task-ended","time":"20""");
        var run = await ConsoleRun.OfAsync("history", path);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Succeeded after", run.Out);
        Assert.Contains("1 line could not be read", run.Error);
    }

    [Fact]
    public async Task What_is_no_log_is_refused()
    {
        var run = await ConsoleRun.OfAsync("history", _folder.Write("text.txt", "hello\n"));
        var missing = await ConsoleRun.OfAsync("history", _folder.File("none.jsonl"));

        Assert.Equal((2, 2), (run.ExitCode, missing.ExitCode));
        Assert.Contains("holds no event", run.Error);
        Assert.Contains("Give a file that --event-log wrote.", missing.Error);
    }

    private static string Report(JobHistory history)
    {
        using var text = new StringWriter();
        foreach (var job in history.Jobs)
        {
            HistoryReport.Write(text, job);
        }

        return text.ToString();
    }

    private sealed class FullDisk(int room) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > room)
            {
                throw new IOException("No space left.");
            }

            base.Write(buffer, offset, count);
        }
    }
}
