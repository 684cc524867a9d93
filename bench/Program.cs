using System.CommandLine;
using MicroSpark.Bench;
using MicroSpark.Bench.Foreign;
using MicroSpark.Bench.Micro;
using MicroSpark.Bench.Shapes;
using MicroSpark.Bench.Workloads;

var filter = new Option<string?>("--filter") { Description = "Only these workloads, separated by commas: names, or parts of names." };
var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
var markdown = new Option<bool>("--markdown") { Description = "Print the table as docs/performance.md has it." };
var cpu = new Option<bool>("--cpu") { Description = "Show CPU time instead of the time on the clock: for a machine that others use too." };
var runs = new Option<int>("--runs") { Description = "Timed runs of each contender, 1 or more.", DefaultValueFactory = _ => 5 };
var threads = new Option<int>("--threads") { Description = "Threads of each contender, 1 or more.", DefaultValueFactory = _ => 2 };
var scale = new Option<double>("--scale") { Description = "A factor on all sizes, above 0.", DefaultValueFactory = _ => 1 };
var megabytes = new Option<int>("--mb") { Description = "Size of what does not fit in memory, before --scale.", DefaultValueFactory = _ => 4096 };
var peers = new Option<string[]>("--peers") { Description = "Beside MicroSpark only contenders whose names contain one of these.", AllowMultipleArgumentsPerToken = true };
var micro = new Option<bool>("--micro") { Description = "Run BenchmarkDotNet's micro-benchmarks of the hot loops instead; --filter chooses." };
var memory = new Option<bool>("--memory") { Description = "Measure the largest memory of the jobs over strings, records, dates and files too." };
var partitions = new Option<int>("--partitions") { Description = "Partitions of what those jobs read; by default one for each thread." };
var command = new RootCommand("Measures MicroSpark beside hand-written loops, PLINQ and DuckDB. Prints to standard output, progress to standard error.")
{
    filter, json, markdown, cpu, runs, threads, scale, megabytes, peers, micro, memory, partitions,
};
command.SetAction(async (arguments, _) =>
{
    if (arguments.GetValue(micro))
    {
        return MicroRun.Run(arguments.GetValue(filter));
    }

    var settings = new Settings(
        Math.Max(1, arguments.GetValue(runs)),
        Math.Max(1, arguments.GetValue(threads)),
        Math.Max(1e-6, arguments.GetValue(scale)),
        Math.Max(1, arguments.GetValue(megabytes)),
        [.. (arguments.GetValue(peers) ?? []).SelectMany(names => names.Split(',', StringSplitOptions.RemoveEmptyEntries))])
    {
        Partitions = arguments.GetValue(partitions) is > 0 and var count ? count : null,
        Memory = arguments.GetValue(memory),
    };
    Func<IWorkload>[] all =
    [
        () => new Scan(),
        () => new WordCount(),
        () => new ParquetScan(),
        () => new ReduceByKey(),
        () => new Sort(),
        () => new Join(),
        .. Shape.All,
        () => new PageRank(),
        () => new KMeans(),
        () => new KMeansIteration(),
        () => new Count8(),
        () => new UnseenPlan(),
        () => new Count8Processes(),
        () => new Shuffle2(),
        () => new Safeguarded(Safeguard.Roles, shuffles: false),
        () => new Safeguarded(Safeguard.Tls, shuffles: false),
        () => new Safeguarded(Safeguard.Tls, shuffles: true),
        () => new Empty10k(),
        () => new Spill(SpillJobs.Sort),
        () => new Spill(SpillJobs.ReduceByKey),
        () => new Spill(SpillJobs.DistinctStrings),
        () => new Spill(SpillJobs.SortStrings),
        () => new Spill(SpillJobs.GroupStrings),
        () => new Growth(Growth.Scan),
        () => new Growth(Growth.ReduceByKey),
        () => new Growth(Growth.Sort),
        .. GrowthAxis.All,
        () => new GrowthSilos(),
        () => new GrowthProcesses(GrowthJobs.Sort, 200),
        () => new GrowthProcesses(GrowthJobs.ReduceFar, 200),
        () => new GrowthProcesses(GrowthJobs.Join, 200),
        () => new SharingTiny(2, SharingTiny.Neighbour.Sleeps),
        () => new SharingTiny(8, SharingTiny.Neighbour.Sleeps),
        () => new SharingTiny(2, SharingTiny.Neighbour.Spins),
        () => new SharingTiny(8, SharingTiny.Neighbour.Spins),
        () => new SharingTiny(8, SharingTiny.Neighbour.TakesLong),
        () => new SharingSlow(SharingSlow.Worker),
        () => new SharingSlow(SharingSlow.Range),
        () => new SharingJoined(),
        () => new SharingCancel(SharingCancel.Elements),
        () => new SharingCancel(SharingCancel.Sleep),
        () => new SharingMany(),
        () => new SharingEmpty(100_000),
        () => new SharingEmpty(1_000_000),
        () => new SharingEmptyProcesses(1_000_000),
        () => new SharingMemory(500),
        () => new SharingMemory(2_000),
        () => new FrontDoor(isCold: true),
        () => new FrontDoor(isCold: false),
    ];
    var wanted = (arguments.GetValue(filter) ?? "").Split(',');
    string[] names = [.. all.Select(create => create().Name)];
    var measured = new List<Measured>();
    foreach (var create in all)
    {
        await using var workload = create();

        // A whole name means itself: "sort" is not "growth-sort".
        if (Array.Exists(wanted, name => name.StartsWith(workload.Asked, StringComparison.OrdinalIgnoreCase))
            && wanted.Any(name => names.Contains(name) ? name == workload.Name : workload.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            Console.Error.WriteLine($"{workload.Name}: {workload.Description}");
            var result = await MeasureAsync(workload, settings);
            measured.Add(result);
            Console.Error.WriteLine(Report.Line(result));
        }
    }

    if (measured.Count == 0)
    {
        Console.Error.WriteLine($"No workload's name contains '{arguments.GetValue(filter)}'.");
        return 2;
    }

    Console.WriteLine(arguments.GetValue(json)
        ? Report.Json(measured, settings)
        : Report.Table(measured, settings, arguments.GetValue(cpu), arguments.GetValue(markdown)));
    return measured.All(workload => workload.Error is null) ? 0 : 1;

    // What goes wrong in one workload must not cost the figures of the others; the exit code tells of it.
    static async Task<Measured> MeasureAsync(IWorkload workload, Settings settings)
    {
        var empty = new Measured(workload.Name, workload.Description, workload.AtLeast, workload.Goal, [], Error: null);
        try
        {
            await using var contexts = new Contexts(settings);
            return empty with { Results = await Harness.MeasureAsync(workload, contexts, Console.Error.WriteLine) };
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            return empty with { Error = e.Message };
        }
    }
});

var folder = new Argument<string>("folder");
var foreign = new Command("foreign-files", "Reads the Parquet files of others, and compares them with what DuckDB reads.") { folder };
foreign.SetAction(arguments => ForeignFiles.Run(arguments.GetValue(folder)!));
command.Add(foreign);

var minutes = new Option<double>("--minutes") { Description = "How long; 30 by default.", DefaultValueFactory = _ => 30 };
var soak = new Command("soak", "Five clients on two worker processes, with cancels and a guest; prints what each process holds over time.") { minutes };
soak.SetAction((arguments, _) => new Soak(TimeSpan.FromMinutes(arguments.GetValue(minutes))).RunAsync());
command.Add(soak);

// How the program runs itself again: see ChildRun.
var job = new Argument<string>("job");
var size = new Option<long>("--size");
var budget = new Option<string?>("--budget");
var child = new Command(ChildRun.Command) { job, size, budget, threads, partitions, scale };
child.Hidden = true;
child.SetAction((arguments, _) => ChildRun.RunAsync(
    arguments.GetValue(job)!, arguments.GetValue(size), arguments.GetValue(budget),
    new Settings(1, arguments.GetValue(threads), arguments.GetValue(scale), 1, []), arguments.GetValue(partitions)));
command.Add(child);
return await command.Parse(args).InvokeAsync();
