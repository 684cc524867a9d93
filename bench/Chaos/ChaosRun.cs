using System.Collections.Concurrent;
using System.Diagnostics;
using MicroSpark.Driver.Events;

namespace MicroSpark.Bench.Chaos;

/// <summary>
/// Worker processes under faults that a seed draws, for as long as is asked for: each workload runs once in peace and then some times while
/// something is done to the cluster, and each of its results is compared with the known one.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options)
{
    /// <summary>A round that has not ended by then hangs. With PostgreSQL down for long, this is more than it may take.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(150);

    /// <summary>What a round that takes longer than this has seen is kept too: it is right, and somebody may ask why.</summary>
    private const int MostTimes = 3;
    private static readonly TimeSpan s_mostMore = TimeSpan.FromSeconds(4);

    private const int MostSalt = 1 << 30;

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<EngineEvent> _events = new();
    private readonly Dictionary<string, List<TimeSpan>> _clean = [];
    private readonly HeldOverTime _held = new(options.Duration);
    private readonly ChaosReport _report = new(options);
    private int _number;
    private int _warm;

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <returns>0 when every answer was right, nothing hung and nothing has grown, else 1.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        ChaosWorkload[] workloads = [.. ChaosWorkload.All.Where(w =>
            options.Workloads.Count == 0 || options.Workloads.Any(name => w.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))];
        try
        {
            while (!IsOver(stop))
            {
                await RunClusterAsync(workloads, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped before its time.");
        }

        return _report.Conclude(Elapsed, [_held.Of(0, "client", (0, 1 / 3d), 2 / 3d), _held.Of(1, "worker 1", (0, 1 / 3d), 2 / 3d)]);
    }

    /// <summary>The seed of one round's draws, so that they do not depend on what other rounds drew. The runtime's own hashes differ in each process.</summary>
    private int DrawsOf(int round) => unchecked((options.Seed * 1_000_003) + round);

    private bool IsOver(CancellationToken stop) => stop.IsCancellationRequested || Elapsed >= options.Duration || _number >= options.Rounds;

    /// <summary>One cluster, until the time is over. After a hang there is nothing more to be learned from it, and it is left.</summary>
    private async Task RunClusterAsync(ChaosWorkload[] workloads, CancellationToken stop)
    {
        await using var cluster = await ChaosCluster.StartAsync(options.Workers);
        await using var spark = await cluster.ConnectAsync(stop);
        spark.Happened += _events.Enqueue;

        // The first runs compile everything.
        foreach (var workload in workloads)
        {
            await RoundAsync(cluster, spark, workload, null, stop);
            _warm = 0;
        }

        _warm = cluster.Started;

        while (true)
        {
            foreach (var workload in workloads)
            {
                for (var kill = 0; kill <= options.Kills; kill++)
                {
                    if (IsOver(stop))
                    {
                        return;
                    }

                    var random = new Random(DrawsOf(_number));
                    var fault = kill == 0 ? null : ChaosFault.Draw(random, options.Kinds, options.Workers - 1);
                    var next = await RoundAsync(cluster, spark, workload, fault, stop);
                    if (next == Next.Leave)
                    {
                        return;
                    }

                    // Workers that have just joined compile first. What that takes is no part of a clean round, or of a disturbed one.
                    if (_warm != cluster.Started && await RoundAsync(cluster, spark, workload, null, stop) == Next.Leave)
                    {
                        return;
                    }

                    // It had ended before its fault came.
                    kill -= next == Next.Again ? 1 : 0;
                }

                var workers = await Held.OfWorkersAsync(spark, options.Workers, stop);
                _held.Add(Elapsed, [Held.OfThisProcess(), workers[0]]);
                Console.WriteLine($"      {Elapsed:hh\\:mm\\:ss} client {Held.OfThisProcess()}, worker 1 {workers[0]}");
            }
        }
    }

    private async Task<Next> RoundAsync(ChaosCluster cluster, MicroSparkContext spark, ChaosWorkload workload, ChaosFault? drawn, CancellationToken stop)
    {
        var number = ++_number;
        var random = new Random(~DrawsOf(number));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var round = new ChaosRound(cluster, spark, number, random.Next(1, MostSalt), random, over.Token);
        var victims = cluster.Workers.Skip(1).OrderBy(_ => random.Next()).Take(drawn?.Victims ?? 0).ToArray();
        var faults = drawn is null ? null : new Faults(cluster, drawn, victims);
        _events.Clear();

        // Of the workers that are there now, this round is the first one.
        var isFirst = _warm != cluster.Started;
        _warm = cluster.Started;
        var (started, began) = (Elapsed, Stopwatch.GetTimestamp());
        var (faultAt, faultTime) = ((TimeSpan?)null, DateTimeOffset.MaxValue);
        var run = Task.Run(() => workload.RunAsync(round), CancellationToken.None);
        if (faults is not null && await Task.WhenAny(run, Task.Delay(Usual(workload) * drawn!.After, stop)) != run)
        {
            (faultAt, faultTime) = (Stopwatch.GetElapsedTime(began), DateTimeOffset.UtcNow);
            await faults.BeginAsync();
        }

        var ended = await Task.WhenAny(run, Task.Delay(s_hang, stop)) == run;
        var took = Stopwatch.GetElapsedTime(began);
        stop.ThrowIfCancellationRequested();
        var (end, why) = ended ? await JudgeAsync(run) : (RoundEnd.Hung, $"it has not ended after {s_hang.TotalSeconds:0} s");
        if (faultAt is null && !isFirst && end == RoundEnd.Right)
        {
            Clean(workload).Add(took);
        }

        var found = _events.ToArray();
        while (ended && faultAt is not null && faults!.GoesOn && await UnderFaultAsync(cluster, spark, workload, stop))
        {
            // Runs on for as long as the fault is there.
        }

        var repaired = await RepairAsync(cluster, spark, faultAt is null ? null : faults, stop);
        if (end == RoundEnd.Right && repaired is not null)
        {
            (end, why) = (RoundEnd.Failed, repaired);
        }

        var report = new RoundReport(
            number, started, workload.Name, isFirst, faultAt is null ? null : drawn!.Kind, faultAt is null ? "" : faults!.Victims, faultAt, took,
            Detection(found, victims, faultTime, doubt: true), Detection(_events.ToArray(), victims, faultTime, doubt: false), end, why);
        _report.Add(report);
        if (end != RoundEnd.Right || took > (Usual(workload) * MostTimes) + s_mostMore)
        {
            await KeepAsync(report, cluster, spark, found);
        }

        await over.CancelAsync();
        return end is RoundEnd.Hung || repaired is not null ? Next.Leave : drawn is not null && faultAt is null ? Next.Again : Next.GoOn;
    }

    /// <summary>A round of its own, while the fault of another one is still there.</summary>
    private async Task<bool> UnderFaultAsync(ChaosCluster cluster, MicroSparkContext spark, ChaosWorkload workload, CancellationToken stop)
    {
        // It counts as no clean one.
        _warm = 0;
        return await RoundAsync(cluster, spark, workload, null, stop) != Next.Leave;
    }

    private async Task<string?> RepairAsync(ChaosCluster cluster, MicroSparkContext spark, Faults? faults, CancellationToken stop)
    {
        var said = faults is null ? null : await faults.EndAsync();
        said ??= cluster.Workers.FirstOrDefault(static worker => worker.HasExited && !worker.IsDoomed) is { } gone ? $"{gone} ended by itself" : null;
        return said ?? await cluster.RepairAsync(spark, stop);
    }

    private static async Task<(RoundEnd End, string? Why)> JudgeAsync(Task<Func<string?>> run)
    {
        try
        {
            var why = (await run)();
            return (why is null ? RoundEnd.Right : RoundEnd.Wrong, why);
        }
        catch (Exception e)
        {
            return (RoundEnd.Failed, e.ToString());
        }
    }

    private List<TimeSpan> Clean(ChaosWorkload workload) => _clean.TryGetValue(workload.Name, out var times) ? times : _clean[workload.Name] = [];

    /// <summary>What three of four clean rounds take at least: a fault comes before.</summary>
    private TimeSpan Usual(ChaosWorkload workload) => Clean(workload) is { Count: > 0 } times ? times.Order().ElementAt(times.Count / 4) : TimeSpan.FromSeconds(1);

    private static TimeSpan? Detection(EngineEvent[] events, ChaosWorker[] victims, DateTimeOffset fault, bool doubt)
    {
        DateTimeOffset[] times = [.. events.Where(e => e.Time >= fault && victims.Any(victim => IsOf(e, victim, doubt))).Select(static e => e.Time).Order()];
        return times.Length == 0 ? null : times[0] - fault;
    }

    private static bool IsOf(EngineEvent happened, ChaosWorker victim, bool doubt)
    {
        var worker = happened is EngineEvent.TaskNoted noted && doubt ? noted.Worker : happened is EngineEvent.WorkerLost lost ? lost.Worker : null;
        return worker is not null && worker.StartsWith($"{victim.Address}@", StringComparison.Ordinal);
    }

    private async Task KeepAsync(RoundReport report, ChaosCluster cluster, MicroSparkContext spark, EngineEvent[] events)
    {
        var folder = Directory.CreateDirectory(Path.Join(options.Output, $"round-{report.Number}")).FullName;
        File.WriteAllText(Path.Join(folder, "round.txt"), $"{report}{Environment.NewLine}seed {options.Seed}{Environment.NewLine}");
        File.WriteAllLines(Path.Join(folder, "events.txt"), events.Select(static e => e.ToString()));
        foreach (var worker in cluster.Workers)
        {
            File.WriteAllText(Path.Join(folder, $"worker-{worker.Number}.txt"), worker.Log);
        }

        Console.WriteLine($"      logs of this round: {folder}");
        var jobs = spark.JobsAsync();
        if (await Task.WhenAny(jobs, Task.Delay(s_hang / 10)) == jobs && jobs.IsCompletedSuccessfully)
        {
            File.WriteAllLines(Path.Join(folder, "jobs.txt"), jobs.Result.Select(static job => job.ToString()));
        }
    }

    /// <summary>What a round leaves to do.</summary>
    private enum Next
    {
        GoOn,

        /// <summary>Its fault came too late.</summary>
        Again,

        /// <summary>The cluster cannot be used any more.</summary>
        Leave,
    }
}
