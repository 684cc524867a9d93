using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace MicroSpark.Bench.Micro;

/// <summary>The hot loops, one at a time, by BenchmarkDotNet: in this process, so that nothing is built and the GC settings are those of the table.</summary>
internal static class MicroRun
{
    private static readonly Job s_loop = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance);

    // A whole job each time, with something to make before it: once an iteration, no pilot that looks for a count.
    private static readonly Job s_job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
        .WithStrategy(RunStrategy.Monitoring).WithWarmupCount(3).WithIterationCount(10).WithInvocationCount(1).WithUnrollFactor(1);

    private static readonly (Type Benchmarks, Job Job)[] s_all =
    [
        (typeof(TextHashing), s_loop), (typeof(ValueCodecs), s_loop), (typeof(CombineTables), s_loop), (typeof(LineSplitting), s_loop),
        (typeof(TaskHistories), s_loop), (typeof(Shuffles), s_job),
    ];

    /// <param name="filter">Part of a class's name; null for all.</param>
    public static int Run(string? filter)
    {
        var chosen = s_all.Where(one => one.Benchmarks.Name.Contains(filter ?? "", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (chosen.Length == 0)
        {
            Console.Error.WriteLine($"No micro-benchmark's name contains '{filter}': {string.Join(", ", s_all.Select(one => one.Benchmarks.Name))}.");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("microspark-bench-").FullName;
        try
        {
            return chosen.Select(one => BenchmarkRunner.Run(one.Benchmarks, Config(one.Job, folder))).ToArray().All(Succeeded) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IConfig Config(Job job, string folder) => ManualConfig.CreateEmpty()
        .AddJob(job)
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddExporter(MarkdownExporter.Console)
        .AddLogger(ConsoleLogger.Default)
        .WithArtifactsPath(folder);

    private static bool Succeeded(Summary summary) => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success);
}
