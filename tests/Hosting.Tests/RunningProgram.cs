using System.Diagnostics;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MicroSpark.Tests;

/// <summary>A program with a host, run in this process from its entry point until it is disposed of, as its users run it.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly AsyncLocal<TaskCompletionSource<IHost>?> s_built = new();
    private static readonly IDisposable s_listening = DiagnosticListener.AllListeners.Subscribe(new Listener());

    private readonly Task<object?> _main;

    private RunningProgram(IHost host, Task<object?> main) => (Host, _main) = (host, main);

    public IHost Host { get; }

    public Uri Address => new(Host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<RunningProgram> StartAsync(Assembly program, params string[] args)
    {
        GC.KeepAlive(s_listening);
        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_built.Value = built;
        var entry = program.EntryPoint!;
        var main = Task.Factory.StartNew(() => entry.Invoke(null, [args]), TaskCreationOptions.LongRunning);
        s_built.Value = null;
        await await Task.WhenAny(built.Task, main);
        var host = await built.Task;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
        await await Task.WhenAny(started.Task, main);
        return new RunningProgram(host, main);
    }

    /// <summary>Ends it as a signal does, and waits for its last line.</summary>
    public async ValueTask DisposeAsync()
    {
        Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _main;
    }

    /// <summary>Hosting tells of each host that is built; the first one of a program is its own.</summary>
    private sealed class Listener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
            {
                value.Subscribe(this);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilt", Value: IHost host })
            {
                s_built.Value?.TrySetResult(host);
            }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
