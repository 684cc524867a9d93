using MicroSpark.Files;
using MicroSpark.Tests.Files;
using static MicroSpark.Tests.Files.SavedParts;

namespace MicroSpark.Tests.Files;

/// <summary>Of jobs that save at once one gets the target, and of attempts one gets each part; none takes away what is another one's.</summary>
public sealed class SaveCommitRaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SaveTarget Target => new(_folder.At("out"), new JobId(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), Compression.None);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_jobs_that_begin_at_once_one_gets_the_target()
    {
        for (var round = 0; round < 20; round++)
        {
            SaveTarget[] rivals = [.. Enumerable.Range(0, 6).Select(_ => Target with { Path = _folder.At($"race{round}"), Job = JobId.New() })];
            var winners = Concurrently(rivals, rival =>
            {
                try
                {
                    SaveCommit.Begin(rival);
                }
                catch (IOException)
                {
                    return false;
                }

                Write(rival, 0, 1, rival.Job.ToString());
                SaveCommit.Commit(rival, 1);
                return true;
            });

            Assert.Equal(Assert.Single(winners).Job.ToString() + "\n", File.ReadAllText(rivals[0].PartFile(0)));
            Assert.Equal(["_SUCCESS", "part-00000"], Names(rivals[0].Path));
        }
    }

    [Fact]
    public void A_beginning_that_fails_half_way_leaves_nothing()
    {
        var target = Target;
        static void Fail() => throw new IOException("Stale file handle");
        foreach (var disk in new[] { new Meddling { BeforePublish = Fail }, new Meddling { BeforeList = Fail } })
        {
            var error = Assert.Throws<IOException>(() => SaveCommit.Begin(target, disk));
            Assert.Contains($"'{target.Path}' cannot be made: Stale file handle", error.Message, StringComparison.Ordinal);
            Assert.False(Path.Exists(target.Path));
        }

        SaveCommit.Begin(target);
    }

    [Fact]
    public void A_job_whose_rival_ends_while_it_begins_is_told_that_the_target_exists()
    {
        var target = Target;
        var rival = target with { Job = JobId.New() };
        void End()
        {
            SaveCommit.Begin(rival with { Path = _folder.At("other") });
            Directory.Move(_folder.At("other/_temporary/_owner"), rival.OwnerFile);
            Directory.CreateDirectory(rival.JobDirectory);
            Write(rival, 0, 1, "rival");
            SaveCommit.Commit(rival, 1);
        }

        // Before the mark is taken the rival's end takes this job's beginning away; behind it, its parts are there.
        Assert.Contains("exists already", Assert.Throws<IOException>(() => SaveCommit.Begin(target, new Meddling { BeforePublish = End })).Message, StringComparison.Ordinal);
        Assert.Equal(["_SUCCESS", "part-00000"], Names(Target.Path));

        Directory.Delete(target.Path, recursive: true);
        var parts = new Meddling { BeforeList = () => File.WriteAllText(target.PartFile(0), "rival") };
        Assert.Contains("exists already", Assert.Throws<IOException>(() => SaveCommit.Begin(target, parts)).Message, StringComparison.Ordinal);
        Assert.Equal(["part-00000"], Names(Target.Path));
    }

    [Fact]
    public void A_job_that_withdraws_does_not_take_a_rivals_beginning_with_it()
    {
        var target = Target;
        var rival = target with { Job = JobId.New() };
        var begun = false;
        var disk = new Meddling
        {
            BeforePublish = static () => throw new IOException("Stale file handle"),
            BeforeDeleteIfEmpty = () =>
            {
                if (!begun)
                {
                    begun = true;
                    Directory.CreateDirectory(rival.JobDirectory);
                }
            },
        };
        Assert.Throws<IOException>(() => SaveCommit.Begin(target, disk));
        Assert.True(Directory.Exists(rival.JobDirectory));
    }

    [Fact]
    public void Of_attempts_that_publish_at_once_one_gives_the_part()
    {
        SaveCommit.Begin(Target);
        for (var partition = 0; partition < 50; partition++)
        {
            var part = partition;
            var winners = Concurrently([1L, 2, 3, 4], attempt => Write(Target, part, attempt, $"attempt {attempt}"));
            Assert.Equal($"attempt {Assert.Single(winners)}\n", File.ReadAllText(Target.PartFile(partition)));
        }

        Assert.Empty(Directory.GetFiles(Target.JobDirectory));
    }

    // Those for which the body, run on a thread each and let go together, gave true.
    private static T[] Concurrently<T>(T[] items, Func<T, bool> body)
    {
        using var gate = new Barrier(items.Length);
        var results = new bool[items.Length];
        var errors = new Exception?[items.Length];
        Thread[] threads = [.. items.Select((item, i) => new Thread(() =>
        {
            gate.SignalAndWait();
            try
            {
                results[i] = body(item);
            }
            catch (Exception error)
            {
                errors[i] = error;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(errors, Assert.Null);
        return [.. items.Where((_, i) => results[i])];
    }
}
