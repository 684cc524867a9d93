using System.CommandLine;
using MicroSpark.Bench.Chaos;

var minutes = new Option<double>("--minutes") { Description = "How long; 8 by default.", DefaultValueFactory = _ => 8 };
var seed = new Option<int>("--seed") { Description = "Of all that is drawn; 1 by default.", DefaultValueFactory = _ => 1 };
var workers = new Option<int>("--workers") { Description = "Worker processes with one slot each, 2 or more.", DefaultValueFactory = _ => 4 };
var kills = new Option<int>("--kills") { Description = "Disturbed rounds for each clean one.", DefaultValueFactory = _ => 4 };
var rounds = new Option<int?>("--rounds") { Description = "Ends after as many rounds." };
var faults = new Option<FaultKind[]>("--faults") { Description = "Only these kinds of faults.", AllowMultipleArgumentsPerToken = true };
var only = new Option<string[]>("--workloads") { Description = "Only workloads whose names contain one of these.", AllowMultipleArgumentsPerToken = true };
var output = new Option<string?>("--output") { Description = "Folder for the report and the logs of bad rounds; artifacts/chaos/SEED by default." };
var command = new RootCommand("Worker processes on a PostgreSQL server, under faults that a seed draws; every result is compared.")
{
    minutes, seed, workers, kills, rounds, faults, only, output,
};
command.SetAction((arguments, stop) => new ChaosRun(new ChaosOptions(
    TimeSpan.FromMinutes(arguments.GetValue(minutes)), arguments.GetValue(seed), Math.Max(2, arguments.GetValue(workers)),
    Math.Max(0, arguments.GetValue(kills)), arguments.GetValue(faults) ?? [], arguments.GetValue(only) ?? [],
    Path.GetFullPath(arguments.GetValue(output) ?? Path.Join("artifacts", "chaos", $"{arguments.GetValue(seed)}")), arguments.GetValue(rounds))).RunAsync(stop));
var salt = new Argument<long>("salt");
var client = new Command(Detached.ClientCommand) { salt };
client.Hidden = true;
client.SetAction((arguments, _) => Detached.RunClientAsync(arguments.GetValue(salt)));
command.Add(client);

// Whoever is told to end takes away first what he has started.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
