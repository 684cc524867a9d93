using System.CommandLine;
using MicroSpark.Bench;
using MicroSpark.Bench.Workloads;

var filter = new Option<string?>("--filter") { Description = "Only workloads whose names contain this." };
var json = new Option<bool>("--json") { Description = "Print one JSON document instead of the table." };
var runs = new Option<int>("--runs") { Description = "Timed runs of each contender, 1 or more.", DefaultValueFactory = _ => 5 };
var megabytes = new Option<int>("--mb") { Description = "Size of the text of wordcount in MB.", DefaultValueFactory = _ => 100 };
var command = new RootCommand("Measures MicroSpark beside a hand-written loop and PLINQ. Prints to standard output, progress to standard error.")
{
    filter, json, runs, megabytes,
};
command.SetAction(async (arguments, _) =>
{
    Func<IWorkload>[] all = [() => new Scan(), () => new Count8(), () => new WordCount(arguments.GetValue(megabytes)), () => new Empty10k()];
    int rounds = Math.Max(1, arguments.GetValue(runs));
    var results = new List<Result>();
    await using var contexts = new Contexts();
    foreach (Func<IWorkload> create in all)
    {
        await using IWorkload workload = create();
        if (workload.Name.Contains(arguments.GetValue(filter) ?? "", StringComparison.OrdinalIgnoreCase))
        {
            Console.Error.WriteLine($"{workload.Name}: {workload.Description}");
            results.AddRange(await Harness.MeasureAsync(workload, contexts, rounds, Console.Error.WriteLine));
        }
    }

    if (results.Count == 0)
    {
        Console.Error.WriteLine($"No workload's name contains '{arguments.GetValue(filter)}'.");
        return 2;
    }

    Console.WriteLine(arguments.GetValue(json) ? Report.Json(results, rounds) : Report.Table(results, rounds));
    return 0;
});
return await command.Parse(args).InvokeAsync();
