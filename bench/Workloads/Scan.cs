using System.Globalization;
using System.Runtime.CompilerServices;

namespace MicroSpark.Bench.Workloads;

/// <summary>A chain of narrow operators: what the stage compiler is for.</summary>
internal sealed class Scan : IWorkload
{
    private const int Length = 20_000_000;

    public string Name => "scan";

    public string Description => $"sum of a map of a filter of a map of {Length:N0} numbers";

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        MicroSparkContext compiled = await contexts.CompiledAsync();
        MicroSparkContext interpreted = await contexts.InterpretedAsync();
        return
        [
            new Contender(Contender.Ours, () => SumAsync(compiled)),
            new Contender(Contender.Interpreted, () => SumAsync(interpreted)),
            new Contender(Contender.HandWritten, () => Task.FromResult(Text(Loop()))),
            new Contender(Contender.Plinq, () => Task.FromResult(Text(ParallelEnumerable.Range(0, Length)
                .Select(x => (long)x * 3 + 1)
                .Where(x => (x & 7) != 0)
                .Select(x => x ^ (x >> 3))
                .Sum()))),
        ];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<string> SumAsync(MicroSparkContext spark) => Text(await spark.Range(0, Length)
        .Map(x => x * 3 + 1)
        .Filter(x => (x & 7) != 0)
        .Map(x => x ^ (x >> 3))
        .SumAsync());

    // What somebody writes who does not mind the threads: one for each core, a share of the range each.
    private static long Loop()
    {
        int threads = Environment.ProcessorCount;
        long[] sums = new long[threads];
        Thread[] running = [.. Enumerable.Range(0, threads).Select(i => new Thread(
            () => sums[i] = LoopOver((long)Length * i / threads, (long)Length * (i + 1) / threads)))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
        return sums.Sum();
    }

    // Optimised from its first call on, as MicroSpark's emitted loop is.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long LoopOver(long start, long end)
    {
        long sum = 0;
        for (long i = start; i < end; i++)
        {
            long x = i * 3 + 1;
            if ((x & 7) != 0)
            {
                checked
                {
                    sum += x ^ (x >> 3);
                }
            }
        }

        return sum;
    }

    private static string Text(long sum) => sum.ToString(CultureInfo.InvariantCulture);
}
