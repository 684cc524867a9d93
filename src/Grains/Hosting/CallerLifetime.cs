using Microsoft.Extensions.Hosting;

namespace MicroSpark.Grains.Hosting;

/// <summary>
/// A host that lives as long as its caller says. The default one takes over Ctrl-C and SIGTERM, which belong to the program that
/// embeds the silo.
/// </summary>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
