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
    private static readonly AsyncLocal<RunningProgram?> s_starting = new();
    private static readonly IDisposable s_listening = DiagnosticListener.AllListeners.Subscribe(new Listener());

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHostApplicationLifetime? _lifetime;
    private Task _main = Task.CompletedTask;

    private RunningProgram()
    {
    }

    public IHost Host { get; private set; } = null!;

    /// <summary>As they were when all had started: a program that ends by itself takes its host along.</summary>
    public IHostedService[] Services { get; private set; } = [];

    public Uri Address => new(Host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<RunningProgram> StartAsync(Assembly program, params string[] args)
    {
        GC.KeepAlive(s_listening);
        var running = new RunningProgram();
        s_starting.Value = running;
        var entry = program.EntryPoint!;
        running._main = Task.Factory.StartNew(() => entry.Invoke(null, [args]), TaskCreationOptions.LongRunning);
        s_starting.Value = null;
        await await Task.WhenAny(running._started.Task, running._main);
        return running;
    }

    /// <summary>Ends it as a signal does, and waits for its last line.</summary>
    public async ValueTask DisposeAsync()
    {
        _lifetime?.StopApplication();
        await _main;
    }

    /// <summary>The first one of a program is its own; others are those of its silos.</summary>
    private void Built(IHost host)
    {
        if (_lifetime is null)
        {
            Host = host;
            _lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
            _lifetime.ApplicationStarted.Register(() =>
            {
                Services = [.. host.Services.GetServices<IHostedService>()];
                _started.SetResult();
            });
        }
    }

    /// <summary>Hosting tells of each host that is built, before it is started.</summary>
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
                s_starting.Value?.Built(host);
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
