using MicroSpark;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMicroSpark();
builder.Services.AddHealthChecks().AddMicroSpark();
var app = builder.Build();

// A result as JSON: GET /primes?below=1000. A request that is aborted cancels its job.
app.MapGet("/primes", (MicroSparkContext spark, long below, CancellationToken aborted) => spark
    .Range(2, below)
    .Filter(n => !Enumerable.Range(2, (int)Math.Sqrt(n) - 1).Any(d => n % d == 0))
    .CountAsync(aborted));

// A stream, as it is computed: GET /squares?below=10
app.MapGet("/squares", (MicroSparkContext spark, long below) => spark.Range(below).Map(n => n * n).AsAsyncEnumerable());

app.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false });
app.MapHealthChecks("/readyz");
app.Run();
