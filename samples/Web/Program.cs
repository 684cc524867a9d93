// A web service that computes: GET /words?top=3 and GET /lines?with=TEXT on the text files of the setting Text.
using MicroSpark;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMicroSpark();
builder.Services.AddHealthChecks().AddMicroSpark();
var app = builder.Build();
var text = app.Configuration["Text"] ?? "README.md";

// A request that is aborted cancels its job: its tasks stop, and their slots are free.
app.MapGet("/words", (MicroSparkContext spark, CancellationToken aborted, int top = 10) => spark
    .TextFile(text)
    .FlatMap(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
    .Map(word => (word, 1L))
    .ReduceByKey((left, right) => left + right)
    .Map(pair => new WordCount(pair.Key, pair.Value))
    .TakeOrderedAsync(top, row => (-row.Count, row.Word), cancellationToken: aborted));

// The first lines leave before the last ones are read, and no more than a few frames are in memory.
app.MapGet("/lines", (MicroSparkContext spark, string with) => spark
    .TextFile(text)
    .Filter(line => line.Contains(with))
    .AsAsyncEnumerable());

// Whether the process lives has nothing to do with the cluster; whether it should get requests has.
app.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false });
app.MapHealthChecks("/readyz");

app.Run();

/// <summary>A row of <c>/words</c>.</summary>
internal sealed record WordCount(string Word, long Count);
