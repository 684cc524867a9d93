using System.Diagnostics;

namespace MicroSpark.Bench;

/// <summary>What was measured of one contender, in milliseconds for each call.</summary>
internal sealed record Result(string Workload, string Contender, double Median, double Min, double Max, int Runs);

/// <summary>
/// Measures contenders in turns, so that what else the machine does meets all of them alike; takes the median, which a few disturbed
/// runs do not move. The garbage of one turn is collected before the next begins.
/// </summary>
internal static class Harness
{
    private const int MaxWarmUps = 5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<Result>> MeasureAsync(IWorkload workload, Contexts contexts, int runs, Action<string> progress)
    {
        progress($"{workload.Name}: preparing");
        IReadOnlyList<Contender> contenders = await workload.PrepareAsync(contexts);
        string? expected = null;
        foreach (Contender contender in contenders)
        {
            progress($"{workload.Name}: warming up {contender.Name}");
            string answer = await WarmUpAsync(contender, workload.CallsPerRun);
            expected ??= answer;
            EnsureSame(workload, contender, expected, answer);
        }

        var times = contenders.ToDictionary(contender => contender, _ => new List<double>());
        for (int run = 0; run < runs; run++)
        {
            progress($"{workload.Name}: run {run + 1} of {runs}");

            // Every other round goes backwards: nobody always follows the same neighbour.
            foreach (Contender contender in run % 2 == 0 ? contenders : contenders.Reverse())
            {
                CollectGarbage();
                for (int call = 0; call < workload.CallsPerRun; call++)
                {
                    long start = Stopwatch.GetTimestamp();
                    string answer = await contender.Run();
                    times[contender].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    EnsureSame(workload, contender, expected!, answer);
                }
            }
        }

        return [.. contenders.Select(contender => ResultOf(workload, contender, times[contender], runs))];
    }

    private static async Task<string> WarmUpAsync(Contender contender, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        string answer;
        int done = 0;
        do
        {
            answer = await contender.Run();
            done++;
        }
        while (done < MaxWarmUps * calls && Stopwatch.GetElapsedTime(start) < WarmUp);
        return answer;
    }

    private static Result ResultOf(IWorkload workload, Contender contender, List<double> times, int runs)
    {
        times.Sort();
        double median = (times[times.Count / 2] + times[(times.Count - 1) / 2]) / 2;
        return new Result(workload.Name, contender.Name, median, times[0], times[^1], runs);
    }

    private static void EnsureSame(IWorkload workload, Contender contender, string expected, string answer)
    {
        if (answer != expected)
        {
            throw new InvalidOperationException(
                $"{workload.Name}: {contender.Name} answers '{answer}', {Contender.Ours} '{expected}'. A wrong answer has no speed.");
        }
    }

    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
