using System.Diagnostics;
using System.Net;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Workers;

/// <summary>The page shows each who looks what his role may see, and does for him what it may.</summary>
public sealed class PageRoleTests : IAsyncLifetime
{
    /// <summary>In a key, an error, a stack and a line; a row of the event log quotes all of them.</summary>
    private const string Marker = "sesame";

    private const string ForAnn = "(for ann, whose job it is, and admins)";

    private readonly SqliteDatabase _database = new();
    private readonly NamedSecrets _secrets;
    private readonly string _logs;
    private SiloProcess _silo = null!;

    public PageRoleTests()
    {
        _secrets = new NamedSecrets(_database, ("ann", "Submit", true), ("bob", "Submit", true), ("rea", "Read", false), ("ada", "Admin", false));
        _logs = Path.Combine(Path.GetDirectoryName(_database.File)!, "logs");
    }

    public async Task InitializeAsync() => _silo = await StartAsync();

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Values_are_for_the_owner_and_admins_on_every_path_and_after_a_restart()
    {
        await using (var ann = await _secrets.ConnectAsync("ann"))
        {
            await ann.Range(0, 4000, 1, 4).MapPartitions(sesame_stack)
                .Map(static n => (Key: n % 40 == 0 ? $"{n}" : "sesame key", Value: n)).GroupByKey(4).MapPartitions(Linger).CountAsync();
            await Assert.ThrowsAsync<JobFailedException>(() => ann.Parallelize(["sesame"], 1).Map<int>(sesame_error).CollectAsync());
            await LookAsync(live: true);
        }

        _silo.Terminate();
        await _silo.WaitForExitAsync();
        await _silo.DisposeAsync();
        _silo = await StartAsync();
        using (var admin = await EnterAsync("ada"))
        {
            // The logs are looked through while the worker is used already.
            while (!(await admin.GetAsync("/api/v1/jobs")).Contains("CollectAsync", StringComparison.Ordinal))
            {
            }
        }

        await LookAsync(live: false);
    }

    [Fact]
    public async Task Whoever_follows_is_told_of_changes_without_their_values()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        using var other = await EnterAsync("bob");
        using var owner = await EnterAsync("ann");
        await using var others = other.EventsAsync().GetAsyncEnumerator();
        await using var own = owner.EventsAsync().GetAsyncEnumerator();
        Assert.True(await others.MoveNextAsync() && await own.MoveNextAsync());
        await Assert.ThrowsAsync<JobFailedException>(() => ann.Parallelize(["sesame"], 1).Map<int>(sesame_error).CollectAsync());
        var (seen, said) = (await UntilFailedAsync(others), await UntilFailedAsync(own));
        Assert.Contains("sesame error", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, seen, StringComparison.Ordinal);
        Assert.Contains(ForAnn, seen, StringComparison.Ordinal);

        static async Task<string> UntilFailedAsync(IAsyncEnumerator<string> events)
        {
            while (!events.Current.Contains("\"failed\",\"started\"", StringComparison.Ordinal) && await events.MoveNextAsync())
            {
            }

            return events.Current;
        }
    }

    [Fact]
    public async Task A_job_is_cancelled_by_its_owner_and_admins_and_nobody_else()
    {
        await using var gate = new Gate();
        var port = gate.Port;
        await using var ann = await _secrets.ConnectAsync("ann");
        var running = ann.Range(0, 1, 1, 1).Map(n => { Gate.Pass(port); return n; }).CountAsync();
        await gate.ArrivedAsync();
        using var owner = await EnterAsync("ann", control: true);
        using var looker = await EnterAsync("ann");
        using var other = await EnterAsync("bob", control: true);
        using var reader = await EnterAsync("rea", control: true);
        var cancel = $"/api/v1/jobs/{(await owner.JsonAsync("/api/v1/jobs"))[0].GetProperty("id").GetString()}/cancel";
        Assert.Equal((HttpStatusCode.Forbidden, "Only the job's owner and admins may cancel it."), await other.PostAsync(cancel));
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync(cancel)).Status);
        Assert.StartsWith("This link is for reading.", (await looker.PostAsync(cancel)).Text, StringComparison.Ordinal);
        Assert.Equal("running", (await other.JsonAsync("/api/v1/jobs"))[0].GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await owner.PostAsync(cancel)).Status);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        gate.Open();
        _silo.Terminate();
        await _silo.WaitForExitAsync();
        Assert.Contains("Audit: denied page/bob from 127.0.0.1:", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains(": may not cancel job ", _silo.Errors, StringComparison.Ordinal);
        Assert.Contains("Audit: cancel by page/ann@127.0.0.1: job ", _silo.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_persisted_is_dropped_for_the_own_programs_only()
    {
        await using var ann = await _secrets.ConnectAsync("ann");
        var kept = ann.Range(0, 100, 1, 2).Map(static n => n * 2).Cache();
        await kept.CountAsync();
        using var owner = await EnterAsync("ann", control: true);
        using var other = await EnterAsync("bob", control: true);
        using var admin = await EnterAsync("ada", control: true);
        var seen = Assert.Single((await other.JsonAsync("/api/v1/datasets")).EnumerateArray());
        Assert.False(seen.GetProperty("own").GetBoolean());
        Assert.Equal("", Assert.Single(seen.GetProperty("holders").EnumerateArray()).GetString());
        var own = Assert.Single((await owner.JsonAsync("/api/v1/datasets")).EnumerateArray());
        Assert.True(own.GetProperty("own").GetBoolean());
        Assert.NotEqual("", Assert.Single(own.GetProperty("holders").EnumerateArray()).GetString());

        var drop = $"/api/v1/datasets/{seen.GetProperty("lineage").GetString()}/unpersist";
        Assert.Equal((HttpStatusCode.Forbidden, "Only admins, and those whose programs hold it, may drop it."), await other.PostAsync(drop));
        Assert.Single((await admin.JsonAsync("/api/v1/datasets")).EnumerateArray());
        Assert.Equal(HttpStatusCode.NoContent, (await owner.PostAsync(drop)).Status);
        await kept.CountAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PostAsync(drop)).Status);
    }

    [Fact]
    public async Task A_link_is_for_the_own_role_or_a_lower_one()
    {
        await AssertSessionAsync("""{"control":false,"name":"rea","role":"read"}""", "rea");
        await AssertSessionAsync("""{"control":false,"name":"rea","role":"read"}""", "rea", "--control", "--role", "read");
        await AssertSessionAsync("""{"control":true,"name":"ann","role":"submit"}""", "ann", "--control");
        await AssertSessionAsync("""{"control":false,"name":"ann","role":"read"}""", "ann", "--role", "read", "--control");
        await AssertSessionAsync("""{"control":true,"name":"ada","role":"admin"}""", "ada", "--control");
        await AssertSessionAsync("""{"control":false,"name":"cluster","role":"admin"}""", null);
        foreach (var (name, role) in new[] { ("rea", "submit"), ("rea", "admin"), ("ann", "admin") })
        {
            var (code, output, error) = await Cli.RunAsync(_secrets.EnvironmentOf(name), "ui", "--role", role);
            Assert.NotEqual(0, code);
            Assert.DoesNotContain("http", output, StringComparison.Ordinal);
            Assert.Contains($"{name} may make links to the page for the role that it has", error, StringComparison.Ordinal);
        }
    }

    private Task<SiloProcess> StartAsync() => SiloProcess.StartAsync(
        [.. _secrets.Settings, "--MicroSpark:Slots=2", $"--MicroSpark:History:Directory={_logs}"]);

    private async Task LookAsync(bool live)
    {
        foreach (var name in new[] { "bob", "rea" })
        {
            using var other = await EnterAsync(name);
            var told = await other.AllAsync();
            Assert.All(told, static one => Assert.False(one.Value.Contains(Marker, StringComparison.OrdinalIgnoreCase), $"{one.Key}: {one.Value}"));
            Assert.Contains(ForAnn, told["events"], StringComparison.Ordinal);
            Assert.Contains(ForAnn, told["advice"], StringComparison.Ordinal);
            Assert.Contains("CollectAsync", told["jobs"], StringComparison.Ordinal);
            var lines = told.Single(static one => one.Key.EndsWith("/lines", StringComparison.Ordinal)).Value;
            Assert.Equal(live, lines.Contains(ForAnn, StringComparison.Ordinal));
            Assert.Contains(told, static one => one.Value.Contains("PageRoleTests.cs:", StringComparison.Ordinal));
        }

        // What the others did not see was there.
        foreach (var name in new[] { "ann", "ada", null })
        {
            using var own = await EnterAsync(name);
            var told = await own.AllAsync();
            Assert.DoesNotContain(told, static one => one.Value.Contains(ForAnn, StringComparison.Ordinal));
            foreach (var path in new[] { "events", "cluster", "jobs" })
            {
                Assert.Contains("sesame error", told[path], StringComparison.Ordinal);
            }

            Assert.Contains("Key \\u0027sesame key\\u0027 alone has", told["advice"], StringComparison.Ordinal);
            var lines = told.Single(static one => one.Key.EndsWith("/lines", StringComparison.Ordinal)).Value;
            Assert.Equal(live, lines.Contains("sesame line", StringComparison.Ordinal));
            var details = string.Concat(told.Where(static one => one.Key.StartsWith("jobs/", StringComparison.Ordinal)).Select(static one => one.Value));
            foreach (var value in new[] { "sesame error", "sesame failure", "sesame_stack(", "\"key\":\"sesame key\"" })
            {
                Assert.Contains(value, details, StringComparison.Ordinal);
            }
        }

        // A link for reading shows no values, whoever made it.
        using var less = await PageVisitor.EnterAsync(new Uri((await Cli.OutputAsync(_secrets.EnvironmentOf("ann"), "ui", "--role", "read")).Trim()));
        Assert.DoesNotContain(await less.AllAsync(), static one => one.Value.Contains(Marker, StringComparison.OrdinalIgnoreCase));
    }

    private async Task<PageVisitor> EnterAsync(string? name, bool control = false)
    {
        await using var spark = await _secrets.ConnectAsync(name);
        return await PageVisitor.EnterAsync((await spark.UiLinkAsync(control))!);
    }

    private async Task AssertSessionAsync(string session, string? name, params string[] options)
    {
        var link = await Cli.OutputAsync(_secrets.EnvironmentOf(name), ["ui", .. options]);
        using var visitor = await PageVisitor.EnterAsync(new Uri(link.Trim()));
        Assert.Equal(session, await visitor.GetAsync("/api/v1/session"));
    }

    /// <summary>Fails once, with a name in its stack that is looked for.</summary>
    private static IEnumerable<long> sesame_stack(IEnumerable<long> numbers)
    {
        if (TaskContext.Current is { PartitionIndex: 1, AttemptNumber: 0 })
        {
            throw new FormatException("sesame failure");
        }

        Console.WriteLine("sesame line");
        return numbers;
    }

    private static int sesame_error(string word) => throw new InvalidOperationException($"{word} error");

    /// <summary>Takes so long over the partition with the most values that the page gives advice.</summary>
    private static IEnumerable<int> Linger(IEnumerable<(string Key, IReadOnlyList<long> Values)> groups)
    {
        var count = 0;
        foreach (var (_, values) in groups)
        {
            var watch = Stopwatch.StartNew();
            while (values.Count > 1000 && watch.ElapsedMilliseconds < 900)
            {
                count++;
            }
        }

        return [count > 0 ? 1 : 0];
    }
}
