using System.Diagnostics;
using System.Runtime;

namespace MicroSpark.Bench;

/// <summary>What was measured of one contender, in milliseconds for each call.</summary>
/// <param name="Cpu">Median of the processor time of this process: less than the time of day's truth on a machine that others use too.</param>
/// <param name="Note">That of the last run.</param>
internal sealed record Result(
    string Workload, string Contender, double Median, double Percentile99, double Min, double Max, double Cpu, double? PeakMegabytes, int Runs, string? Note);

/// <summary>
/// Measures contenders in turns, so that what else the machine does meets all of them alike; takes the median, which a few disturbed
/// runs do not move. The garbage of one turn is collected, and what it made the JIT compile is compiled, before the next begins. Every answer of every run is compared.
/// </summary>
internal static class Harness
{
    /// <summary>Longer than the 100 ms that the runtime waits before it compiles again what was called often.</summary>
    private static readonly TimeSpan s_jitRest = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A contender is warm when the JIT has worked for at most so much of the time of some runs in a row: here during the run, in its workers since the one before.
    /// </summary>
    private const double MostCompiling = 0.05;

    private const int CallsInARow = 3;

    /// <summary>It is given up to so many times its warm-ups to become so.</summary>
    private const int MostWarmUps = 7;

    public static async Task<IReadOnlyList<Result>> MeasureAsync(IWorkload workload, Contexts contexts, Action<string> progress)
    {
        progress($"{workload.Name}: preparing");
        Contender[] contenders = [.. (await workload.PrepareAsync(contexts)).Where(contexts.Settings.Measures)];
        var samples = contenders.ToDictionary(contender => contender, _ => new List<Sample>());
        string? expected = null;
        foreach (var contender in contenders)
        {
            progress($"{workload.Name}: warming up {contender.Name}");
            var calm = 0;
            var call = 0;
            for (; call < workload.WarmUps * workload.CallsPerRun || (calm < CallsInARow && call < workload.WarmUps * MostWarmUps); call++)
            {
                var elsewhere = await ElsewhereAsync(contender);
                var sample = await SampleAsync(contender);
                var compiling = sample.Compiling + (await ElsewhereAsync(contender) - elsewhere).TotalMilliseconds;
                calm = compiling > sample.Elapsed * MostCompiling ? 0 : calm + 1;
                EnsureSame(workload, contender, expected ??= sample.Answer, sample.Answer);
            }

            progress($"{workload.Name}: {contender.Name} was called {call} times{(call > 0 && calm < CallsInARow ? ", and the JIT still works" : "")}");
        }

        for (var run = 0; run < contexts.Settings.Runs; run++)
        {
            progress($"{workload.Name}: run {run + 1} of {contexts.Settings.Runs}");

            // Every other round goes backwards: nobody always follows the same neighbour.
            foreach (var contender in run % 2 == 0 ? contenders : contenders.Reverse())
            {
                for (var call = 0; call < workload.CallsPerRun; call++)
                {
                    var sample = await SampleAsync(contender, collectFirst: call == 0);
                    EnsureSame(workload, contender, expected ??= sample.Answer, sample.Answer);
                    samples[contender].Add(sample);
                }
            }
        }

        return [.. contenders.Select(contender => ResultOf(workload, contender, samples[contender], contexts.Settings.Runs))];
    }

    private static async Task<Sample> SampleAsync(Contender contender, bool collectFirst = true)
    {
        if (contender.Before is { } before)
        {
            await before();
        }

        if (collectFirst)
        {
            CollectGarbage();
            await JitAtRestAsync();
        }

        var cpu = Environment.CpuUsage.TotalTime;
        var compiling = JitInfo.GetCompilationTime();
        var start = Stopwatch.GetTimestamp();
        var outcome = await contender.Run();
        var elapsed = outcome.Elapsed ?? Stopwatch.GetElapsedTime(start);
        cpu = outcome.Cpu ?? Environment.CpuUsage.TotalTime - cpu;
        compiling = JitInfo.GetCompilationTime() - compiling;
        var answer = contender.Check is { } check ? await check() : outcome.Answer;
        return new Sample(answer, elapsed.TotalMilliseconds, cpu.TotalMilliseconds, compiling.TotalMilliseconds, outcome.PeakMegabytes, outcome.Note);
    }

    private static Task<TimeSpan> ElsewhereAsync(Contender contender) => contender.CompilingElsewhere?.Invoke() ?? Task.FromResult(TimeSpan.Zero);

    private static Result ResultOf(IWorkload workload, Contender contender, List<Sample> samples, int runs) => new(
        workload.Name,
        contender.Name,
        Median(samples.Select(sample => sample.Elapsed)),
        Percentile(samples.Select(sample => sample.Elapsed), 0.99),
        samples.Min(sample => sample.Elapsed),
        samples.Max(sample => sample.Elapsed),
        Median(samples.Select(sample => sample.Cpu)),
        samples.Max(sample => sample.PeakMegabytes),
        runs,
        samples[^1].Note);

    private static double Percentile(IEnumerable<double> values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    private static void EnsureSame(IWorkload workload, Contender contender, string expected, string answer)
    {
        if (answer != expected)
        {
            throw new InvalidOperationException(
                $"{workload.Name}: {contender.Name} answers '{answer}', others '{expected}'. A wrong answer has no speed.");
        }
    }

    /// <summary>A new context's start makes the JIT compile for a while, on a processor that the run wants.</summary>
    private static async Task JitAtRestAsync()
    {
        var since = Stopwatch.GetTimestamp();
        long compiled;
        do
        {
            compiled = JitInfo.GetCompiledMethodCount();
            await Task.Delay(s_jitRest);
        }
        while (JitInfo.GetCompiledMethodCount() != compiled && Stopwatch.GetElapsedTime(since) < s_longestWait);
    }

    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private readonly record struct Sample(string Answer, double Elapsed, double Cpu, double Compiling, double? PeakMegabytes, string? Note);
}
