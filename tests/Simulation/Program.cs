using System.Diagnostics;
using System.Globalization;
using MicroSpark.Simulation.Workloads;

namespace MicroSpark.Simulation;

/// <summary>
/// Runs seeds, one after another on one thread: <c>FIRST [COUNT] [--first] [--counts] [--varied] [--without PART,...]</c>. Of one seed it
/// writes the trace; of several, those that broke, or the first of them alone, and the fewest parts that still break the first; and how
/// often what happened, when that is asked for. In some worlds programs are not deterministic, when that is.
/// </summary>
internal static class Program
{
    /// <summary>Thousands of times what a seed takes: a thread of it is stuck.</summary>
    private static readonly TimeSpan s_stuck = TimeSpan.FromMinutes(2);

    private static int Main(string[] args)
    {
        var first = args.Length > 0 ? ulong.Parse(args[0], CultureInfo.InvariantCulture) : 1;
        var count = args.Length > 1 && char.IsDigit(args[1][0]) ? ulong.Parse(args[1], CultureInfo.InvariantCulture) : 1;
        var varied = args.Contains("--varied");
        var broken = 0;
        var steps = 0L;
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var watch = Stopwatch.StartNew();
        for (var seed = first; seed < first + count && !(broken > 0 && args.Contains("--first")); seed++)
        {
            using var stuck = new Timer(static seed => Environment.FailFast($"Seed {seed} is stuck."), seed, s_stuck, Timeout.InfiniteTimeSpan);
            var outcome = Scenario.Run(seed, Without(args), varied, count == 1 ? Console.Out : null);
            steps += outcome.Steps;
            broken += outcome.Broken is null ? 0 : 1;
            foreach (var (what, times) in outcome.Counts)
            {
                counts[what] = counts.GetValueOrDefault(what) + times;
            }

            if (count == 1 || outcome.Broken is not null)
            {
                Console.WriteLine($"seed {seed}, {outcome.Description}: {outcome.Broken ?? "held"}");
                if (count > 1 && broken == 1 && !args.Contains("--first"))
                {
                    var (without, rest) = Shrinking.Shrink(seed, outcome, varied);
                    Console.WriteLine($"  ./eng/simulate.sh {seed} --without {string.Join(',', without)}");
                    Console.WriteLine($"  {rest.Description}: {rest.Broken}");
                }

                Console.WriteLine($"  hash {outcome.Hash}, {outcome.Steps} steps, {outcome.Now.TotalSeconds:0.000} s simulated");
            }
        }

        foreach (var (what, times) in args.Contains("--counts") ? counts : [])
        {
            Console.WriteLine($"count {what} {times}");
        }

        Console.WriteLine(
            $"{count} seeds, {broken} broken, {steps} steps, {watch.Elapsed.TotalSeconds:0.0} s "
            + $"({Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:0.0} s of processor)");
        return broken == 0 ? 0 : 1;
    }

    private static HashSet<int> Without(string[] args)
    {
        var at = Array.IndexOf(args, "--without");
        return at < 0 ? [] : [.. args[at + 1].Split(',').Select(static part => int.Parse(part, CultureInfo.InvariantCulture))];
    }
}
