using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace MicroSpark.Bench;

/// <summary>
/// A run in a process of its own, whose peak memory is then this run's alone: the parent's side. The child is this program again, under its
/// command <see cref="Command"/>; it keeps the time itself, from a warm context to the answer.
/// </summary>
internal static class ChildRun
{
    public const string Command = "child";

    /// <summary>A count of so many empty partitions.</summary>
    public const string EmptyTasks = "emptyTasks";

    /// <summary>Before the name of a job of <see cref="GrowthJobs"/>.</summary>
    public const string Growth = "growth-";

    /// <summary>Before a contender and a workload of <see cref="Shapes"/>, whose largest memory is asked for.</summary>
    public const string Peak = "peak-";

    private const string PeakLine = "VmHWM:";

    /// <summary>Runs a job of <see cref="SpillJobs"/>, or <see cref="EmptyTasks"/>, in a child.</summary>
    /// <param name="size">Bytes of the data; tasks of <see cref="EmptyTasks"/>, elements of <see cref="Growth"/>.</param>
    /// <param name="budget">The child's MemoryBudget; null leaves the default.</param>
    /// <param name="partitions">Of <see cref="Growth"/>.</param>
    public static async Task<Outcome> StartAsync(string job, long size, string? budget, Settings settings, int partitions = 0)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                Assembly.GetExecutingAssembly().Location, Command, job,
                "--size", size.ToString(CultureInfo.InvariantCulture), "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture),
                "--partitions", partitions.ToString(CultureInfo.InvariantCulture), "--scale", settings.Scale.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (budget is not null)
        {
            start.ArgumentList.Add("--budget");
            start.ArgumentList.Add(budget);
        }

        using var child = Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        if (child.ExitCode != 0)
        {
            throw new InvalidOperationException($"The child for {job} ended with {child.ExitCode}; what it says of it stands above.");
        }

        var report = JsonSerializer.Deserialize<Report>(output) ?? throw new InvalidOperationException($"The child for {job} wrote '{output}'.");
        return new Outcome(
            report.Answer, TimeSpan.FromMilliseconds(report.Milliseconds), report.PeakMegabytes, TimeSpan.FromMilliseconds(report.CpuMilliseconds),
            $"{report.Contentions} lock contentions");
    }

    /// <summary>The child's side: runs the job and writes one line.</summary>
    public static async Task<int> RunAsync(string job, long size, string? budget, Settings settings, int partitions)
    {
        if (job.StartsWith(Peak, StringComparison.Ordinal))
        {
            return await RunShapeAsync(job[Peak.Length..].Split('/'), settings with { Partitions = partitions == 0 ? null : partitions });
        }

        await using var spark = await MicroSparkContext.StartLocalAsync(
            workers: 1,
            options =>
            {
                options.Slots = settings.Threads;
                options.MemoryBudget = budget;
            });

        // So that the JIT has seen the job; too little to count beside it.
        if (job.StartsWith(Growth, StringComparison.Ordinal))
        {
            for (var warmUp = 0; warmUp < 5; warmUp++)
            {
                // Another size each time: what was shuffled before would be found.
                await JobAsync(job, spark, (size / 20) + warmUp, partitions);
            }
        }
        else
        {
            await JobAsync(job, spark, Math.Min(size, job == EmptyTasks ? 10_000 : 1 << 24), partitions);
        }

        var cpu = Environment.CpuUsage.TotalTime;
        var contentions = Monitor.LockContentionCount;
        var start = Stopwatch.GetTimestamp();
        var answer = await JobAsync(job, spark, size, partitions);
        var elapsed = Stopwatch.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        Write(answer, elapsed, cpu, Monitor.LockContentionCount - contentions);
        return 0;
    }

    /// <summary>Runs a contender twice, after its input was made and what that left was collected.</summary>
    private static async Task<int> RunShapeAsync(string[] names, Settings settings)
    {
        await using var workload = Shapes.Shape.All.Select(create => create()).Single(shape => shape.Name == names[1]);
        await using var contexts = new Contexts(settings);
        var contender = (await workload.PrepareAsync(contexts)).Single(contender => contender.Name == names[0]);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        const string Reset = "/proc/self/clear_refs";
        if (File.Exists(Reset))
        {
            // The kernel forgets the largest resident set until now.
            await File.WriteAllTextAsync(Reset, "5");
        }

        for (var run = 0; run < 2; run++)
        {
            await (contender.Before?.Invoke() ?? Task.CompletedTask);
            await contender.Run();
        }

        Write("", TimeSpan.Zero, TimeSpan.Zero, 0);
        return 0;
    }

    private static void Write(string answer, TimeSpan elapsed, TimeSpan cpu, long contentions) =>
        Console.WriteLine(JsonSerializer.Serialize(
            new Report(answer, elapsed.TotalMilliseconds, cpu.TotalMilliseconds, PeakMegabytes(Environment.ProcessId), contentions)));

    private static async Task<string> JobAsync(string job, MicroSparkContext spark, long size, int partitions) =>
        job == EmptyTasks ? $"{await spark.Parallelize<int>([], (int)size).CountAsync()} elements"
        : job.StartsWith(Growth, StringComparison.Ordinal) ? await GrowthJobs.RunAsync(job[Growth.Length..], spark, (int)size, partitions)
        : await SpillJobs.RunAsync(job, spark, size);

    /// <summary>A process's largest resident set: the kernel's own account, where there is one.</summary>
    public static double PeakMegabytes(int process)
    {
        var status = $"/proc/{process}/status";
        if (!File.Exists(status))
        {
            using var of = Process.GetProcessById(process);
            return of.PeakWorkingSet64 / 1e6;
        }

        var line = File.ReadLines(status).First(text => text.StartsWith(PeakLine, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(PeakLine.Length, line.Length - PeakLine.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    private sealed record Report(string Answer, double Milliseconds, double CpuMilliseconds, double PeakMegabytes, long Contentions);
}
